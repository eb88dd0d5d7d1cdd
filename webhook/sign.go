package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of a request.
const (
	HeaderTimestamp = "CRVideo-Timestamp" // when it was sent, in seconds since 1970
	HeaderSignature = "CRVideo-Signature" // v1= and the hexadecimal HMAC-SHA256, with the secret, of timestamp, ".", body
)

// Tolerance is how far a timestamp may be from the receiver's clock, either way.
const Tolerance = 5 * time.Minute

// The reasons for which Verify refuses; match them with errors.Is.
var (
	ErrSignature = errors.New("webhook: the signature is missing or wrong")
	ErrTimestamp = errors.New("webhook: the timestamp is missing or too far from now")
	ErrBody      = errors.New("webhook: the body is no event")
)

// Sign sets the headers of a request with this body. A program needs it only to test its own receiver.
func Sign(header http.Header, secret string, body []byte, now time.Time) {
	timestamp := strconv.FormatInt(now.Unix(), 10)
	header.Set(HeaderTimestamp, timestamp)
	header.Set(HeaderSignature, "v1="+hex.EncodeToString(mac(secret, timestamp, body)))
}

func mac(secret, timestamp string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(timestamp + "."))
	h.Write(body)
	return h.Sum(nil)
}

// Verify checks that a request was sent by who has one of the secrets, lately, and reads its event. Several secrets let one be
// replaced by another. now is the receiver's time. It fails with ErrSignature, ErrTimestamp or ErrBody.
func Verify(header http.Header, body []byte, now time.Time, secrets ...string) (Event, error) {
	timestamp := header.Get(HeaderTimestamp)
	given, isV1 := strings.CutPrefix(header.Get(HeaderSignature), "v1=")
	signature, err := hex.DecodeString(given)
	right := false
	for _, secret := range secrets {
		right = hmac.Equal(signature, mac(secret, timestamp, body)) && secret != "" || right
	}
	if !isV1 || err != nil || !right {
		return Event{}, ErrSignature
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > Tolerance {
		return Event{}, ErrTimestamp
	}
	var e Event
	if err := json.Unmarshal(body, &e); err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrBody, err)
	}
	if e.ID == "" || e.Type == "" {
		return Event{}, ErrBody
	}
	return e, nil
}

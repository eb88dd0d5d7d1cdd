package rtc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

// certificateLife is how long one certificate is used for new connections; it is valid for a month.
const certificateLife = 24 * time.Hour

var shared struct {
	sync.Mutex
	cert *webrtc.Certificate
	made time.Time
}

// certificate returns the process's DTLS certificate. It is shared, since making one costs more than the rest of New.
func certificate() (*webrtc.Certificate, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.cert != nil && time.Since(shared.made) < certificateLife {
		return shared.cert, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate key: %w", err)
	}
	cert, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, fmt.Errorf("generate certificate: %w", err)
	}
	shared.cert, shared.made = cert, time.Now()
	return cert, nil
}

//go:build cgo && !nomicrophone && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package microphone

import (
	_ "github.com/pion/mediadevices/pkg/driver/microphone" // registers the microphones

	"github.com/crvideo/crvideo-go/internal/capture"
)

func init() { capture.RegisterMicrophones() }

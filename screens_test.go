package crvideo_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crvideo/crvideo-go"
)

// Without package device/screen there are no screens, and the error names it. (With it: see there.)
func TestScreensWithoutTheirDriver(t *testing.T) {
	c := newClient(t, newServer(t))
	_, err := c.GetScreens()
	assert.ErrorIs(t, err, crvideo.CodeNoPlatform)
	assert.ErrorContains(t, err, "device/screen")
	_, err = c.AddScreenCamera(testContext(t), "screen", crvideo.DefaultScreen)
	assert.ErrorIs(t, err, crvideo.CodeNoPlatform)
}

package crvideo

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVideoCfgSizesAndBitrates(t *testing.T) {
	for _, want := range []struct{ size, width, height, kbps int }{
		{5, 168, 96, 0}, {6, 224, 128, 100}, {7, 288, 160, 123}, {8, 344, 192, 160}, {9, 456, 256, 230}, {10, 512, 288, 260},
		{1, 640, 360, 400}, {2, 848, 480, 600}, {13, 1024, 576, 800}, {3, 1280, 720, 1200}, {4, 1920, 1080, 2500},
		{14, 2560, 1440, 4000}, {15, 3840, 2160, 6000},
	} {
		cfg, err := VideoCfg{Size: want.size}.withDefaults("test")
		require.NoError(t, err)
		w, h := cfg.dimensions()
		assert.Equal(t, []int{want.width, want.height}, []int{w, h}, "size %d", want.size)
		if want.kbps > 0 {
			assert.Equal(t, want.kbps, cfg.kbps(maxVideoKbps), "size %d", want.size)
		}
	}
}

func TestVideoCfgRatiosAndCaps(t *testing.T) {
	for ratio, width := range map[int]int{1: 640, 2: 480, 3: 360, 4: 272, 5: 200} {
		cfg, err := VideoCfg{Size: 1, Ratio: ratio}.withDefaults("test")
		require.NoError(t, err)
		w, _ := cfg.dimensions()
		assert.Equal(t, width, w, "ratio %d", ratio)
	}
	cfg, err := VideoCfg{Size: 3, AspectRatio: 1.5, MaxKbps: 700}.withDefaults("test")
	require.NoError(t, err)
	w, _ := cfg.dimensions()
	assert.Equal(t, 1080, w)
	assert.Equal(t, 700, cfg.kbps(2048))
	cfg.MaxKbps = 0
	assert.Equal(t, 500, cfg.kbps(500))
}

func TestVideoCfgRefusals(t *testing.T) {
	for name, cfg := range map[string]VideoCfg{
		"size":     {Size: 16},
		"fps":      {FPS: 31},
		"fps low":  {FPS: -1},
		"ratio":    {Ratio: 6},
		"aspect":   {AspectRatio: 5},
		"NaN":      {AspectRatio: math.NaN()},
		"kbps":     {MaxKbps: 12001},
		"kbps low": {MaxKbps: -1},
	} {
		_, err := cfg.withDefaults("SetVideoCfg")
		assert.ErrorIs(t, err, CodeBadParameter, name)
	}
}

//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package codec

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

func encoder(t testing.TB, p VideoParams) VideoEncoder {
	t.Helper()
	e, err := NewVideoEncoder(H264, p)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, e.Close()) })
	return e
}

func decoder(t testing.TB) VideoDecoder {
	t.Helper()
	d, err := NewVideoDecoder(H264)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, d.Close()) })
	return d
}

func picture(w, h int) *image.YCbCr {
	return image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
}

// encode returns copies of the access units of pictures with counters from first on.
func encode(t testing.TB, e VideoEncoder, img *image.YCbCr, first, count int) [][]byte {
	t.Helper()
	var out [][]byte
	for i := first; i < first+count; i++ {
		testpattern.Draw(img, 7, uint32(i))
		data, _, err := e.Encode(img)
		require.NoError(t, err)
		if len(data) > 0 {
			out = append(out, append([]byte(nil), data...))
		}
	}
	return out
}

func TestPatternSurvivesH264(t *testing.T) {
	for _, p := range []VideoParams{
		{Width: 640, Height: 360, FPS: 30, Bitrate: 400_000},
		{Width: 171, Height: 96, FPS: 15, Bitrate: 100_000},
		{Width: 320, Height: 180, FPS: 15, Bitrate: 150_000},
		{Width: 360, Height: 640, FPS: 30, Bitrate: 400_000},
		{Width: 1280, Height: 720, FPS: 30, Bitrate: 1_500_000},
	} {
		e, d := encoder(t, p), decoder(t)
		img := picture(p.Width, p.Height)
		left := 0
		const frames = 150
		for i := range frames {
			testpattern.Draw(img, 7, uint32(i))
			data, key, err := e.Encode(img)
			require.NoError(t, err)
			require.Equal(t, i == 0, key, "frame %d", i)
			if len(data) == 0 {
				left++
				continue
			}
			out, err := d.Decode(data)
			require.NoError(t, err)
			require.NotNil(t, out)
			assert.Equal(t, image.Rect(0, 0, p.Width&^1, p.Height), out.Rect)
			member, counter, ok := testpattern.Read(out)
			require.True(t, ok, "%dx%d frame %d", p.Width, p.Height, i)
			require.Equal(t, [2]uint32{7, uint32(i)}, [2]uint32{member, counter})
		}
		t.Logf("%dx%d at %d bit/s: left out %d of %d", p.Width, p.Height, p.Bitrate, left, frames)
		assert.Less(t, left, frames/4)
	}
}

func TestProfileIsConstrainedBaseline(t *testing.T) {
	data := encode(t, encoder(t, VideoParams{Width: 640, Height: 360}), picture(640, 360), 0, 1)[0]
	sps, _ := nextNAL(data)
	require.EqualValues(t, nalSPS, sps[0]&31)
	assert.EqualValues(t, 66, sps[1], "profile_idc")
	assert.NotZero(t, sps[2]&0x40, "constraint_set1_flag")
	w, h, err := checkSPS(sps)
	require.NoError(t, err)
	assert.Equal(t, [2]int{640, 368}, [2]int{w, h}, "in macroblocks")
}

func TestForceKeyFrameGivesOneAtOnce(t *testing.T) {
	// So little bandwidth that rate control leaves pictures out all the time.
	e := encoder(t, VideoParams{Width: 640, Height: 360, FPS: 30, Bitrate: 30_000})
	img := picture(640, 360)
	for i := range 120 {
		testpattern.Draw(img, 1, uint32(i*7919))
		force := i%17 == 5
		if force {
			require.NoError(t, e.ForceKeyFrame())
		}
		data, key, err := e.Encode(img)
		require.NoError(t, err)
		require.Equal(t, force || i == 0, key, "frame %d", i)
		if key {
			out, err := decoder(t).Decode(data)
			require.NoError(t, err)
			_, counter, ok := testpattern.Read(out)
			require.True(t, ok)
			require.EqualValues(t, i*7919, counter)
		}
	}
}

func TestKeyFrameInterval(t *testing.T) {
	e := encoder(t, VideoParams{Width: 320, Height: 180, FPS: 30, Bitrate: 2_000_000, KeyFrameInterval: 30})
	img := picture(320, 180)
	for i := range 91 {
		testpattern.Draw(img, 1, uint32(i))
		_, key, err := e.Encode(img)
		require.NoError(t, err)
		require.Equal(t, i%30 == 0, key, "frame %d", i)
	}
}

func TestSetBitrateChangesTheSize(t *testing.T) {
	e := encoder(t, VideoParams{Width: 640, Height: 360, FPS: 30, Bitrate: 300_000})
	img, rnd := picture(640, 360), rand.New(rand.NewPCG(1, 1))
	second := func() (bits int) {
		for i := range 30 {
			testpattern.Draw(img, 1, uint32(i))
			for range 1500 { // something to spend bits on
				img.Y[rnd.IntN(len(img.Y))] = uint8(rnd.Uint32())
			}
			data, _, err := e.Encode(img)
			require.NoError(t, err)
			bits += 8 * len(data)
		}
		return bits
	}
	second()
	for _, bps := range []int{300_000, 2_000_000, 250_000, 1_000_000} {
		require.NoError(t, e.SetBitrate(bps))
		second()
		got := (second() + second()) / 2
		t.Logf("%d wanted, %d bit/s", bps, got)
		assert.InEpsilon(t, bps, got, 0.3)
	}
	assert.Error(t, e.SetBitrate(0))
}

func TestResolutionChangesMidStream(t *testing.T) {
	d := decoder(t)
	counter := 0
	for _, size := range []image.Point{{320, 180}, {640, 360}, {170, 96}, {640, 360}} {
		for _, au := range encode(t, encoder(t, VideoParams{Width: size.X, Height: size.Y, Bitrate: 4_000_000}), picture(size.X, size.Y), counter, 5) {
			out, err := d.Decode(au)
			require.NoError(t, err)
			require.NotNil(t, out)
			assert.Equal(t, size, out.Rect.Max)
			_, got, ok := testpattern.Read(out)
			require.True(t, ok)
			assert.EqualValues(t, counter, got)
			counter++
		}
	}
}

func TestDecoderRecoversAtTheNextKeyFrame(t *testing.T) {
	e, d := encoder(t, VideoParams{Width: 320, Height: 180, Bitrate: 2_000_000}), decoder(t)
	img := picture(320, 180)
	aus := encode(t, e, img, 0, 4)
	_, err := d.Decode(aus[1])
	require.ErrorIs(t, err, ErrKeyFrameNeeded)
	out, err := d.Decode(aus[0])
	require.NoError(t, err)
	require.NotNil(t, out)
	_, err = d.Decode(aus[1][:len(aus[1])/2])
	require.Error(t, err, "half a picture")
	_, err = d.Decode(aus[2])
	require.ErrorIs(t, err, ErrKeyFrameNeeded)
	_, err = d.Decode(aus[3])
	require.ErrorIs(t, err, ErrKeyFrameNeeded)
	require.NoError(t, e.ForceKeyFrame())
	for i, au := range encode(t, e, img, 4, 3) {
		out, err := d.Decode(au)
		require.NoError(t, err)
		_, counter, ok := testpattern.Read(out)
		require.True(t, ok)
		assert.EqualValues(t, 4+i, counter)
	}
}

func TestDecoderNoticesAMissingReference(t *testing.T) {
	e, d := encoder(t, VideoParams{Width: 320, Height: 180, Bitrate: 2_000_000}), decoder(t)
	aus := encode(t, e, picture(320, 180), 0, 3)
	_, err := d.Decode(aus[0])
	require.NoError(t, err)
	_, err = d.Decode(aus[2]) // frame 1 never came
	assert.Error(t, err)
}

func TestDecoderRefusesGarbage(t *testing.T) {
	d, rnd := decoder(t), rand.New(rand.NewPCG(3, 4))
	for name, au := range map[string][]byte{
		"nothing": nil, "zeros": make([]byte, 100), "text": []byte("hello, this is no video"),
		"start code only": {0, 0, 0, 1}, "headers only": {0, 0, 0, 1, 0x65, 0, 0, 1, 0x41},
		"forbidden bit": {0, 0, 0, 1, 0xe5, 1, 2, 3}, "partition": {0, 0, 0, 1, 0x42, 1, 2, 3},
		"key frame without parameter sets": {0, 0, 0, 1, 0x65, 0x88, 0x84, 0},
	} {
		out, err := d.Decode(au)
		assert.Error(t, err, name)
		assert.Nil(t, out, name)
	}
	e := encoder(t, VideoParams{Width: 160, Height: 96, Bitrate: 500_000})
	good := encode(t, e, picture(160, 96), 0, 1)[0]
	for range 500 { // single wrong bytes anywhere: an error or a picture, and life goes on
		bad := append([]byte(nil), good...)
		bad[rnd.IntN(len(bad))] ^= byte(1 + rnd.IntN(255))
		_, _ = d.Decode(bad)
	}
	_, err := d.Decode(good)
	assert.NoError(t, err)
}

func TestForgedSizeIsRefused(t *testing.T) {
	sps, _ := nextNAL(encode(t, encoder(t, VideoParams{Width: 160, Height: 96}), picture(160, 96), 0, 1)[0])
	_, _, err := checkSPS(sps[:5])
	require.ErrorIs(t, err, errShort)
	// ue 0 id, 0, type 2, 1 reference, 0, then 2^14-1 macroblocks a side, progressive.
	bits := "1" + "1" + "011" + "010" + "0" + "000000000000001" + "00000000000000" + "000000000000001" + "00000000000000" + "1" + "1"
	forged := []byte{0x67, 66, 0xc0, 31, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	for i, b := range bits {
		if b == '1' {
			forged[4+i/8] |= 0x80 >> (i % 8)
		}
	}
	_, _, err = checkSPS(forged)
	assert.ErrorContains(t, err, "larger than")
}

func TestWrongPicturesAreRefused(t *testing.T) {
	e := encoder(t, VideoParams{Width: 160, Height: 96})
	short := picture(160, 96)
	short.Y = short.Y[:100]
	for name, img := range map[string]*image.YCbCr{
		"size":   picture(320, 180),
		"4:4:4":  image.NewYCbCr(image.Rect(0, 0, 160, 96), image.YCbCrSubsampleRatio444),
		"planes": short,
	} {
		_, _, err := e.Encode(img)
		assert.Error(t, err, name)
	}
	whole := picture(640, 360)
	part := whole.SubImage(image.Rect(100, 50, 260, 146)).(*image.YCbCr)
	testpattern.Draw(part, 4, 5)
	data, _, err := e.Encode(part)
	require.NoError(t, err)
	out, err := decoder(t).Decode(data)
	require.NoError(t, err)
	_, counter, ok := testpattern.Read(out)
	assert.True(t, ok, "a part of a larger picture")
	assert.EqualValues(t, 5, counter)
}

func TestH264AfterClose(t *testing.T) {
	e, err := NewVideoEncoder(H264, VideoParams{Width: 160, Height: 96})
	require.NoError(t, err)
	d, err := NewVideoDecoder("VIDEO/h264")
	require.NoError(t, err)
	au := encode(t, e, picture(160, 96), 0, 1)[0]
	out, err := d.Decode(au)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, e.Close())
		require.NoError(t, d.Close())
	}
	_, _, err = e.Encode(picture(160, 96))
	assert.ErrorIs(t, err, ErrClosed)
	assert.ErrorIs(t, e.ForceKeyFrame(), ErrClosed)
	assert.ErrorIs(t, e.SetBitrate(1000), ErrClosed)
	_, err = d.Decode(au)
	assert.ErrorIs(t, err, ErrClosed)
	_, _, ok := testpattern.Read(out)
	assert.True(t, ok, "the last picture outlives the decoder")
}

func TestEncoderParameters(t *testing.T) {
	for name, p := range map[string]VideoParams{
		"zero": {}, "narrow": {Width: 8, Height: 90}, "wide": {Width: 5000, Height: 90}, "fps": {Width: 160, Height: 90, FPS: 500},
		"bitrate": {Width: 160, Height: 90, Bitrate: -1}, "interval": {Width: 160, Height: 90, KeyFrameInterval: -1},
	} {
		_, err := NewVideoEncoder(H264, p)
		assert.Error(t, err, name)
	}
	var missing *UnavailableError
	_, err := NewVideoEncoder("video/VP9", VideoParams{Width: 160, Height: 90})
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "VP9 encoder", missing.Feature)
	_, err = NewVideoDecoder("video/AV1")
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "AV1 decoder", missing.Feature)
}

func FuzzH264Decoder(f *testing.F) {
	e := encoder(f, VideoParams{Width: 64, Height: 48, Bitrate: 100_000})
	aus := encode(f, e, picture(64, 48), 0, 3)
	// Two access units in a row, since what follows a damage matters most.
	f.Add(aus[0], aus[1])
	f.Add(aus[1], aus[0])
	f.Add(aus[0][:len(aus[0])/2], aus[2])
	f.Fuzz(func(t *testing.T, first, second []byte) {
		d, err := newH264Decoder()
		require.NoError(t, err)
		defer d.Close()
		for _, au := range [][]byte{first, second, aus[0], aus[1]} {
			img, err := d.Decode(au)
			if err != nil && img != nil {
				t.Fatal("a picture and an error")
			}
			if img != nil {
				testpattern.Read(img)
			}
		}
	})
}

//go:build ffmpeg

package vp8

import (
	"encoding/binary"
	"math/rand/v2"
)

// randomStream makes frames whose headers are chosen at random, followed by random bytes: whatever those mean, every decoder
// must take it for the same pictures. Streams of an encoder have vectors far beyond the picture, all references with all signs,
// absolute segments and the like seldom or never.
func randomStream(r *rand.Rand, width, height, n int) (frames [][]byte) {
	version := r.IntN(5)
	for i := range n {
		frames = append(frames, randomFrame(r, version, width, height, i == 0 || r.IntN(12) == 0))
	}
	return frames
}

func randomFrame(r *rand.Rand, version, width, height int, key bool) []byte {
	mbs := (width + 15) / 16 * ((height + 15) / 16)
	var w boolWriter
	w.reset()
	parts := r.IntN(4)
	randomHeader(r, &w, key, parts)
	for range 150 * mbs {
		w.literal(r.IntN(256), 8)
	}
	first := w.bytes()
	tag := len(first)<<5 | version<<1
	if !key {
		tag |= 1
	}
	if key || r.IntN(6) > 0 {
		tag |= 1 << 4
	}
	frame := []byte{byte(tag), byte(tag >> 8), byte(tag >> 16)}
	if key {
		frame = append(frame, 0x9d, 0x01, 0x2a, byte(width), byte(width>>8)|byte(r.IntN(4)<<6), byte(height), byte(height>>8))
	}
	frame = append(frame, first...)
	size := 2000 * mbs
	for range 1<<parts - 1 {
		frame = append(frame, byte(size), byte(size>>8), byte(size>>16))
	}
	for range size << parts {
		frame = append(frame, byte(r.IntN(256)))
	}
	return frame
}

// chance is true once in n times.
func chance(r *rand.Rand, n int) bool { return r.IntN(n) == 0 }

func randomHeader(r *rand.Rand, w *boolWriter, key bool, parts int) {
	signed := func(limit, bits int) { // a flag, a number and its sign
		on := chance(r, 2)
		w.flag(on)
		if on {
			w.literal(r.IntN(limit+1), bits)
			w.flag(chance(r, 2))
		}
	}
	if key {
		w.literal(r.IntN(4), 2)
	}
	randomSegments(r, w, signed)
	w.flag(chance(r, 3))
	w.literal(r.IntN(64), 6)
	w.literal(r.IntN(8), 3)
	deltas := chance(r, 2)
	w.flag(deltas)
	if deltas {
		w.flag(true)
		for range 8 {
			signed(63, 6)
		}
	}
	w.literal(parts, 2)
	w.literal(r.IntN(8), 7) // small steps, so that no sum leaves the range of what decoders calculate with
	for range 5 {
		signed(3, 4)
	}
	if !key {
		golden, altref := chance(r, 3), chance(r, 3)
		w.flag(golden)
		w.flag(altref)
		if !golden {
			w.literal(r.IntN(3), 2)
		}
		if !altref {
			w.literal(r.IntN(3), 2)
		}
		w.literal(r.IntN(4), 2)
	}
	w.flag(chance(r, 2))
	if !key {
		w.flag(!chance(r, 4))
	}
	randomProbs(r, w, key)
}

func randomSegments(r *rand.Rand, w *boolWriter, signed func(limit, bits int)) {
	segments := chance(r, 2)
	w.flag(segments)
	if !segments {
		return
	}
	updateMap, updateData := chance(r, 2), chance(r, 2)
	w.flag(updateMap)
	w.flag(updateData)
	if updateData {
		w.flag(chance(r, 2))
		for range 4 {
			signed(8, 7)
		}
		for range 4 {
			signed(63, 6)
		}
	}
	if updateMap {
		for range 3 {
			on := chance(r, 2)
			w.flag(on)
			if on {
				w.literal(r.IntN(256), 8)
			}
		}
	}
}

func randomProbs(r *rand.Rand, w *boolWriter, key bool) {
	for i := range coeffUpdateProbs {
		for j := range coeffUpdateProbs[i] {
			for k := range coeffUpdateProbs[i][j] {
				for l, p := range coeffUpdateProbs[i][j][k] {
					on := l < 3 && chance(r, 40)
					w.put(on, p)
					if on {
						w.literal(r.IntN(256), 8)
					}
				}
			}
		}
	}
	skipping := !chance(r, 6)
	w.flag(skipping)
	if skipping {
		w.literal(r.IntN(256), 8)
	}
	if key {
		return
	}
	for range 3 {
		w.literal(r.IntN(256), 8)
	}
	for _, n := range []int{4, 3} {
		on := chance(r, 4)
		w.flag(on)
		for ; on && n > 0; n-- {
			w.literal(r.IntN(256), 8)
		}
	}
	for i := range mvUpdateProbs {
		for _, p := range mvUpdateProbs[i] {
			on := chance(r, 8)
			w.put(on, p)
			if on {
				w.literal(r.IntN(128), 7)
			}
		}
	}
}

// ivf puts frames into an IVF file.
func ivf(frames [][]byte, width, height int) []byte {
	b := append([]byte("DKIF\x00\x00\x20\x00VP80"), byte(width), byte(width>>8), byte(height), byte(height>>8))
	b = binary.LittleEndian.AppendUint32(b, 30)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(frames)))
	for i, f := range frames {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(f)))
		b = binary.LittleEndian.AppendUint64(b, uint64(i))
		b = append(b, f...)
	}
	return b
}

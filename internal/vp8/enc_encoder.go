package vp8

import "image"

// EncoderParams say what an Encoder should produce.
type EncoderParams struct {
	Width, Height    int // of pictures
	FPS              int // pictures a second that rate control expects
	Bitrate          int // bit/s
	KeyFrameInterval int // frames from one key frame to the next; 0: only those asked for
}

// Encoder makes a stream of key frames and of frames that refer to the one before, without motion: what stays costs next
// to nothing, what moves is predicted from its surroundings or coded as a difference. It is for machines that have
// no other encoder, and not for use by several goroutines at once.
type Encoder struct {
	params   EncoderParams
	rate     rate
	frames   int // since the last key frame
	forceKey bool

	src, cur, ref *planes // what is encoded, what a decoder makes of it, and what it made of the picture before
	mbs           []macroblock

	probs, kept coeffProbs
	counts      coeffCounts
	above       [][9]uint8 // contexts of tokens: which blocks above have some
	skipProb    uint8
	intraProb   uint8

	modes, tokens boolWriter
	out           []byte

	edges, edgesV edges
	try, predY    [256]uint8
	predU, predV  [64]uint8
	coeffs        [16][16]int16
}

// NewEncoder returns an Encoder. The caller has checked p: sizes from 1 to 16383, positive FPS and Bitrate.
func NewEncoder(p EncoderParams) *Encoder {
	columns, rows := (p.Width+15)/16, (p.Height+15)/16
	e := &Encoder{
		params: p, forceKey: true,
		src: newPlanes(columns, rows), cur: newPlanes(columns, rows), ref: newPlanes(columns, rows),
		mbs: make([]macroblock, columns*rows), above: make([][9]uint8, columns),
	}
	e.rate = rate{fps: float64(p.FPS), bitrate: float64(p.Bitrate)}
	return e
}

// SetBitrate changes the target, in bit/s.
func (e *Encoder) SetBitrate(bps int) { e.rate.bitrate = float64(bps) }

// ForceKeyFrame makes the next picture a key frame.
func (e *Encoder) ForceKeyFrame() { e.forceKey = true }

// Encode encodes a picture of the encoder's size in 4:2:0. The frame is valid until the next Encode, and empty when the
// picture is left out to stay within the bitrate (never a key frame).
func (e *Encoder) Encode(img *image.YCbCr) (frame []byte, key bool) {
	interval := e.params.KeyFrameInterval
	key = e.forceKey || interval > 0 && e.frames >= interval
	if e.rate.next() && !key {
		e.frames++
		return nil, false
	}
	e.src.load(img)
	if key {
		e.probs = defaultCoeffProbs
	}
	e.kept = e.probs
	q := e.rate.quantizer(key, len(e.mbs))
	for range 3 {
		e.probs = e.kept
		e.encode(key, q)
		bits := 8 * len(e.out)
		e.rate.learn(key, q, bits)
		if !e.rate.again(key, q, bits) {
			break
		}
		next := e.rate.quantizer(key, len(e.mbs))
		if next == q {
			break
		}
		q = next
	}
	e.rate.debt += float64(8 * len(e.out))
	e.cur, e.ref = e.ref, e.cur
	e.frames++
	if key {
		e.forceKey, e.frames = false, 1
	}
	return e.out, key
}

// encode writes the picture to out.
func (e *Encoder) encode(key bool, q int) {
	steps := newQuantizer(q)
	for my := range e.cur.rows {
		for mx := range e.cur.columns {
			e.encodeMacroblock(&e.mbs[my*e.cur.columns+mx], mx, my, key, &steps)
		}
	}
	e.counts = coeffCounts{}
	walk(e, counter{})
	e.writeHeader(key, q)
	e.writeModes(key)
	e.tokens.reset()
	walk(e, writer{&e.tokens})

	first := e.modes.bytes()
	tag := len(first)<<5 | 1<<4 // shown, version 0
	if !key {
		tag |= 1
	}
	e.out = append(e.out[:0], byte(tag), byte(tag>>8), byte(tag>>16))
	if key {
		w, h := e.params.Width, e.params.Height
		e.out = append(e.out, 0x9d, 0x01, 0x2a, byte(w), byte(w>>8), byte(h), byte(h>>8))
	}
	e.out = append(e.out, first...)
	e.out = append(e.out, e.tokens.bytes()...)
}

// walk takes the tokens of the picture to a sink.
func walk[S tokenSink](e *Encoder, s S) {
	clear(e.above)
	for my := range e.cur.rows {
		var left [9]uint8
		for mx := range e.cur.columns {
			mb, above := &e.mbs[my*e.cur.columns+mx], &e.above[mx]
			if mb.skip {
				*above, left = [9]uint8{}, [9]uint8{}
				continue
			}
			one := func(block, kind, first, a, l int) {
				n := int(mb.last[block])
				tokens(s, &e.probs, &e.counts, kind, int(above[a]+left[l]), first, n, &mb.levels[block])
				some := uint8(0)
				if n > 0 {
					some = 1
				}
				above[a], left[l] = some, some
			}
			one(blockDC, blockY2, 0, 8, 8)
			for i := range 16 {
				one(i, blockY1AfterY2, 1, i&3, i>>2)
			}
			for i := range 4 {
				one(firstU+i, blockUV, 0, 4+i&1, 4+i>>1)
			}
			for i := range 4 {
				one(firstV+i, blockUV, 0, 6+i&1, 6+i>>1)
			}
		}
	}
}

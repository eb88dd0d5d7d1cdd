package vp8

import "math"

// Steps of the quantizer that are used: below nobody sees a difference, above nothing is left.
const (
	finest   = 4
	coarsest = 127
)

// rate chooses the quantizer so that pictures have the size that the bitrate has room for.
type rate struct {
	bitrate, fps float64
	debt         float64 // bits sent beyond those that the time had room for; below zero: saved
	keyWork      float64 // bits of a picture times its step, which hardly depends on the step
	work         float64
}

// reserve is how many seconds of the bitrate are saved while little is sent, and owed before pictures are left out.
const reserve = 0.5

// keyShare is how many times larger a key frame may be than another picture.
const keyShare = 6

func (r *rate) perPicture() float64 { return r.bitrate / r.fps }

// next begins a picture, and tells whether it is to be left out.
func (r *rate) next() (leaveOut bool) {
	r.debt = max(r.debt-r.perPicture(), -reserve*r.bitrate/2)
	return r.debt > reserve*r.bitrate
}

// target is the size in bits that the picture should have.
func (r *rate) target(key bool) float64 {
	correction := r.debt / (reserve * r.fps)
	if key {
		return min(max(keyShare*(r.perPicture()-correction), 2*r.perPicture()), reserve*r.bitrate)
	}
	return max(r.perPicture()-correction, r.perPicture()/4)
}

// quantizer is the one that should give the picture its size.
func (r *rate) quantizer(key bool, macroblocks int) int {
	work := r.work
	if key {
		work = r.keyWork
	}
	if work == 0 {
		work = float64(macroblocks) * 3000 // of a picture with middling detail
	}
	step := work / r.target(key)
	q := finest
	for q < coarsest && float64(acQuant[q]) < step {
		q++
	}
	return q
}

// learn takes the size of an encoded picture in.
func (r *rate) learn(key bool, q, bits int) {
	work := &r.work
	if key {
		work = &r.keyWork
	}
	now := float64(bits) * float64(acQuant[q])
	if *work == 0 || key {
		*work = now
		return
	}
	*work = math.Sqrt(*work * now) // one that differs much counts, and does not decide
}

// again tells whether a picture missed its size by so much that it is encoded once more.
func (r *rate) again(key bool, q, bits int) bool {
	target := r.target(key)
	if float64(bits) > 2*target {
		return q < coarsest
	}
	return key && float64(bits) < target/3 && q > finest
}

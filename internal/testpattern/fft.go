package testpattern

import (
	"math"
	"math/bits"
)

// fft transforms in place; the length is a power of two.
func fft(re, im []float64) {
	n := len(re)
	shift := bits.UintSize - bits.TrailingZeros(uint(n))
	for i := range n {
		if j := int(bits.Reverse(uint(i)) >> shift); j > i {
			re[i], re[j], im[i], im[j] = re[j], re[i], im[j], im[i]
		}
	}
	for half := 1; half < n; half *= 2 {
		stepIm, stepRe := math.Sincos(-math.Pi / float64(half))
		for start := 0; start < n; start += 2 * half {
			wr, wi := 1.0, 0.0
			for k := start; k < start+half; k++ {
				xr, xi := re[k+half]*wr-im[k+half]*wi, re[k+half]*wi+im[k+half]*wr
				re[k+half], im[k+half] = re[k]-xr, im[k]-xi
				re[k], im[k] = re[k]+xr, im[k]+xi
				wr, wi = wr*stepRe-wi*stepIm, wr*stepIm+wi*stepRe
			}
		}
	}
}

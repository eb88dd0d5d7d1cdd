package vp8

// How a macroblock is predicted (RFC 6386, 8.2, 16.2). The order is that of the RFC's trees and tables.
const (
	modeDC = iota // the mean of the row above and of the column to the left
	modeV         // the row above
	modeH         // the column to the left
	modeTM        // both, with the corner taken off
	modeB         // each 4x4 block in a way of its own (luma only)

	modeNearest // with the motion vector that most of the neighbours have
	modeNear    // with the one that is next
	modeZero    // without motion
	modeNew     // with a vector of its own
	modeSplit   // with several
)

// How a 4x4 block is predicted (8.3).
const (
	bDC = iota
	bTM
	bVE
	bHE
	bLD
	bRD
	bVR
	bVL
	bHD
	bHU
	numBModes
)

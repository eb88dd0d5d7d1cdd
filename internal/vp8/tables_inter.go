package vp8

// The probabilities of the modes of inter frames after a key frame (16.2).
var (
	interYModeProbs  = [4]uint8{112, 86, 140, 37}
	interUVModeProbs = [3]uint8{162, 101, 204}
)

// interBModeProbs are the probabilities of the modes of 4x4 blocks in inter frames, where the neighbours do not matter.
var interBModeProbs = [numBModes - 1]uint8{120, 90, 79, 133, 87, 85, 80, 111, 151}

// modeContexts are the probabilities of the inter modes by how much the neighbours agree (16.3).
var modeContexts = [6][4]uint8{
	{7, 1, 1, 143},
	{14, 18, 14, 107},
	{135, 64, 57, 68},
	{60, 56, 128, 65},
	{159, 134, 128, 34},
	{234, 188, 128, 28},
}

// splitProbs are the probabilities of the ways to split a macroblock (16.3).
var splitProbs = [3]uint8{110, 111, 150}

// The ways to split a macroblock, in the order of splitParts.
const (
	splitTopBottom = iota
	splitLeftRight
	splitQuarters
	splitSixteen
)

// splitParts are the parts of a macroblock by the way it is split: the 4x4 blocks of each, the first one first.
var splitParts = [4][][]uint8{
	splitTopBottom: {{0, 1, 2, 3, 4, 5, 6, 7}, {8, 9, 10, 11, 12, 13, 14, 15}},
	splitLeftRight: {{0, 1, 4, 5, 8, 9, 12, 13}, {2, 3, 6, 7, 10, 11, 14, 15}},
	splitQuarters:  {{0, 1, 4, 5}, {2, 3, 6, 7}, {8, 9, 12, 13}, {10, 11, 14, 15}},
	splitSixteen:   {{0}, {1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}, {9}, {10}, {11}, {12}, {13}, {14}, {15}},
}

// The probabilities of where the vector of a part comes from, by the vectors to the left and above (16.3).
var (
	subMVNormal       = [3]uint8{147, 136, 18}
	subMVLeftZero     = [3]uint8{106, 145, 1}
	subMVAboveZero    = [3]uint8{179, 121, 1}
	subMVSame         = [3]uint8{223, 1, 34}
	subMVSameAndZeros = [3]uint8{208, 1, 1}
)

// The probabilities of one component of a motion vector (17.2): where they begin.
const (
	mvIsLong = 0
	mvSign   = 1
	mvShort  = 2 // seven for the tree of the numbers up to 7
	mvLong   = 9 // one for each of the bits of a larger number
	mvBits   = 10
	numMV    = mvLong + mvBits
)

// defaultMVProbs are those after a key frame, of the vertical component and of the horizontal one.
var defaultMVProbs = [2][numMV]uint8{
	{162, 128, 225, 146, 172, 147, 214, 39, 156, 128, 129, 132, 75, 145, 178, 206, 239, 254, 254},
	{164, 128, 204, 170, 119, 235, 140, 230, 228, 128, 130, 130, 74, 148, 180, 203, 236, 254, 254},
}

// mvUpdateProbs are the probabilities that a frame changes one of them.
var mvUpdateProbs = [2][numMV]uint8{
	{237, 246, 253, 253, 254, 254, 254, 254, 254, 254, 254, 254, 254, 254, 250, 250, 252, 254, 254},
	{231, 243, 245, 253, 254, 254, 254, 254, 254, 254, 254, 254, 254, 254, 251, 251, 254, 254, 254},
}

// sixTaps are the filters of the positions between two pixels, in eighths (18.3). The second and the fifth tap are
// subtracted.
var sixTaps = [8][6]uint64{
	{0, 0, 128, 0, 0, 0},
	{0, 6, 123, 12, 1, 0},
	{2, 11, 108, 36, 8, 1},
	{0, 9, 93, 50, 6, 0},
	{3, 16, 77, 77, 16, 3},
	{0, 6, 50, 93, 9, 0},
	{1, 8, 36, 108, 11, 2},
	{0, 1, 12, 123, 6, 0},
}

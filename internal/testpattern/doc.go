// Package testpattern draws pictures and plays tones that say who made them, and reads them back after they went through
// encoders and networks. A picture carries a member number and a counter, for people as digits and for programs as a
// strip of cells with a checksum; a tone carries the member number as its frequency.
//
// The layout is in fractions of the picture, so a picture can still be read after scaling. From top to bottom: colour bars
// with a ball that moves with the counter (half), the digits (a sixth), the cells (a third).
package testpattern

// Package record writes what a client of a room sees and hears into files that play everywhere: MP4 (H.264 and Opus),
// Matroska (also VP8 and VP9) and WebM (VP8, VP9 and Opus). A composed room is H.264 in MP4 and Matroska, and VP8 in WebM;
// built without cgo VP8, which leaves MP4 out. It is a package of its own so that programs which do not record
// need not compile it.
//
//	r, err := record.Start(ctx, client, "ann.mp4", record.Options{UID: "ann"})
//	...
//	err = r.Stop()
//
// One member is recorded as it was sent, without being decoded, so it costs next to nothing. Pictures that are to be turned
// (a phone's) are turned by the player: MP4 by the track's matrix, which all players know, Matroska by its projection, which
// many do not know yet (ffmpeg since 6.1). The whole room is composed
// into one picture and one sound, which decodes all of it and encodes the result.
//
// Sound and picture fit together by their capture times (crvideo.Sample.Captured), which follow the clocks of the
// senders. Silence is written where there is no sound, so that no player has to know how to leave a gap. A piece is
// written every second: a program that is killed leaves a file which can be played up to there.
package record

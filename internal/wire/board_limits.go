package wire

// Limits of whiteboards.
const (
	MaxBoards          = 16        // of a room
	MaxBoardPages      = 100       // pages of a board
	MaxBoardSide       = 4096      // units of a board's side, pixels of an image's
	MaxBoardIDBytes    = 32        // ID of a board, or of an element
	MaxBoardTitleBytes = 128       // title of a board
	MaxBoardElements   = 2000      // elements of a page
	MaxBoardPoints     = 4096      // points of an element
	MaxBoardCoordinate = 100000    // how far a coordinate may be from 0
	MaxBoardLineWidth  = 1000      // width of a line
	MaxBoardTextSize   = 1000      // size of letters
	MaxBoardTextBytes  = 8 << 10   // a text element's text
	MaxBoardImageBytes = 144 << 10 // an image, as PNG or JPEG
	MaxBoardPut        = 200       // elements in one edit
	MaxBoardPageBytes  = 1 << 20   // all elements of a page, as JSON
	MaxBoardsBytes     = 8 << 20   // all elements of a room's boards
)

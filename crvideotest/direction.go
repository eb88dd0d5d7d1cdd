package crvideotest

// Direction is a way through a Network.
type Direction int

// The directions.
const (
	ToServer Direction = 1 << iota // what clients send
	ToClient                       // what the server sends
	BothWays = ToServer | ToClient
)

// ways are the single directions, in the order in which arrays hold them.
var ways = [2]Direction{ToServer, ToClient}

// index is the place of a single direction in an array.
func (d Direction) index() int {
	if d == ToServer {
		return 0
	}
	return 1
}

func (d Direction) String() string {
	switch d {
	case ToServer:
		return "to server"
	case ToClient:
		return "to client"
	case BothWays:
		return "both ways"
	}
	return "nowhere"
}

package token

// Permission is one thing that a token may allow. Names that a server does not know allow nothing.
type Permission string

// What a token can permit.
const (
	Create  Permission = "create"  // create rooms (a token for one room cannot: a new room has a new ID)
	Destroy Permission = "destroy" // destroy rooms
	Enter   Permission = "enter"   // enter rooms
	Publish Permission = "publish" // open one's own microphone and cameras
	Control Permission = "control" // open and close devices of other members, choose their default camera, rename them; main video, page, lock
	Data    Permission = "data"    // change attributes of the room and one's own, send messages and data
	Call    Permission = "call"    // call and invite users, and see whether they can be called
	Queue   Permission = "queue"   // wait in queues as a customer
	Serve   Permission = "serve"   // serve queues as an agent
	Kick    Permission = "kick"    // put members out of the room
)

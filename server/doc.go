// Package server is the CRVideo signalling server and, through its media engine, the SFU. It speaks the protocol of
// PROTOCOL.md to any number of clients. Several servers can live in one process.
//
//	srv, err := server.New(server.Config{Addr: "127.0.0.1:0"}) // app "demo", secret "demo": on loopback only
//	if err != nil { ... }
//	go srv.Serve()
//	defer srv.Shutdown(ctx)
//	fmt.Println(srv.URL())
//
// Locks, in the order in which they may be taken: a session's request lock, a room's, then a session's or the
// server's. Nothing slow is done under the last three, and a peer that does not read never holds anybody up.
package server

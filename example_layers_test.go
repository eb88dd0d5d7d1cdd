package crvideo_test

import (
	"context"
	"log"

	"github.com/crvideo/crvideo-go"
)

// A wall of small pictures, of which one is made large: each is received as large as it is shown.
func ExampleWithHeight() {
	c, err := crvideo.New(crvideo.SDKParams{ServerAddr: "meet.example.com"})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	wall := map[string]*crvideo.VideoReader{}
	for _, m := range c.GetAllMembers() {
		v, err := c.Video(m.UID, crvideo.DefaultCamera, crvideo.WithHeight(180))
		if err != nil {
			log.Fatal(err)
		}
		wall[m.UID] = v
	}
	for uid, v := range wall {
		if uid == "ann" {
			v.SetHeight(0) // the largest that there is
		}
	}
	if v := wall["ann"]; v != nil {
		frame, err := v.ReadFrame(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		log.Print(frame.Image.Bounds())
	}
}

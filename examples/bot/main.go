// Bot joins a room and prints what happens there; everybody hears its tone:
//
//	go run ./examples/bot 127.0.0.1:8765 12345678
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/crvideo/crvideo-go"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: bot SERVER ROOM")
	}
	room, err := strconv.ParseInt(os.Args[2], 10, 64)
	check(err)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run(ctx, os.Args[1], room) // until Ctrl-C, and then it leaves, so that nobody waits for it to come back
}

func run(ctx context.Context, server string, room int64) {
	bot, err := crvideo.New(crvideo.SDKParams{ServerAddr: server, AllowSynthetic: true})
	check(err)
	defer bot.Close()
	events := bot.Events(ctx)
	check(bot.Login(ctx, crvideo.LoginParams{AppID: "demo", AppSecret: crvideo.MD5("demo"), UID: "bot", Nickname: "Bot"}))
	check(bot.EnterMeeting(ctx, room))
	check(bot.OpenMic(ctx, ""))
	for e := range events {
		fmt.Printf("%T%+v\n", e, e)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

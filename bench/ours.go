package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"strconv"
	"sync"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/bench/load"
	"github.com/crvideo/crvideo-go/server"
)

// ours is this repository: package server in a process of its own, package crvideo as its client.
type ours struct{}

func (ours) serve() error {
	srv, err := server.New(server.Config{Addr: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	go func() { _ = srv.Serve() }()
	return errors.Join(load.Serve(srv.URL()), srv.Shutdown(context.Background()))
}

func (ours) Start(ctx context.Context) (load.Server, error) {
	p, addr, err := spawnSelf("crvideo")
	if err != nil {
		return nil, err
	}
	s := &ourServer{Process: p, addr: addr}
	if s.host, err = s.login(ctx, "host"); err != nil {
		p.Close()
		return nil, err
	}
	return s, nil
}

// spawnSelf runs a server of this program and reads its address.
func spawnSelf(name string) (*load.Process, string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	p, err := load.Spawn(self, "serve", name)
	if err != nil {
		return nil, "", err
	}
	addr, err := p.Line()
	if err != nil {
		p.Close()
	}
	return p, addr, err
}

type ourServer struct {
	*load.Process
	addr string
	host *crvideo.Client // makes the rooms
}

func (s *ourServer) login(ctx context.Context, name string) (*crvideo.Client, error) {
	c, err := crvideo.New(crvideo.SDKParams{ServerAddr: s.addr, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	err = c.Login(ctx, crvideo.LoginParams{AppID: server.DemoApp, AppSecret: crvideo.MD5(server.DemoApp), UID: name, Nickname: name})
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (s *ourServer) NewRoom(ctx context.Context) (string, error) {
	info, err := s.host.CreateMeeting(ctx, crvideo.CreateParams{Subject: "bench"})
	return strconv.FormatInt(info.ID, 10), err
}

func (s *ourServer) Close() {
	_ = s.host.Close()
	s.Process.Close()
}

func (s *ourServer) Prepare(ctx context.Context, room string, cfg load.MemberConfig) (load.Member, error) {
	id, err := strconv.ParseInt(room, 10, 64)
	if err != nil {
		return nil, err
	}
	c, err := s.login(ctx, cfg.Name)
	if err != nil {
		return nil, err
	}
	m := &ourMember{c: c, cfg: cfg, room: id}
	if err := m.prepare(ctx); err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

type ourMember struct {
	c        *crvideo.Client
	cfg      load.MemberConfig
	room     int64
	mic, cam *crvideo.SampleQueue
	readers  sync.WaitGroup
}

func (m *ourMember) prepare(ctx context.Context) error {
	if m.cfg.Speak > 0 {
		m.mic, _ = crvideo.NewSampleQueue("audio/opus")
		id, err := m.c.AddMic(ctx, "bench", m.mic.Open)
		if err != nil {
			return err
		}
		cfg := m.c.GetAudioCfg()
		cfg.MicID = id
		if err := m.c.SetAudioCfg(ctx, cfg); err != nil {
			return err
		}
	}
	if m.cfg.Show {
		m.cam, _ = crvideo.NewSampleQueue("video/H264")
		m.cam.OnKeyFrameRequest = m.cfg.OnKeyFrame
		id, err := m.c.AddCamera(ctx, "bench", m.cam.Open)
		if err != nil {
			return err
		}
		if err := m.c.SetDefaultVideo(ctx, "", id); err != nil {
			return err
		}
	}
	for _, uid := range m.cfg.Hear {
		r, err := m.c.Audio(uid)
		if err != nil {
			return err
		}
		m.read(r, r.ReadSample, m.cfg.Arrivals.Sound)
	}
	if m.cfg.See {
		r, err := m.c.Video(load.Publisher, crvideo.DefaultCamera)
		if err != nil {
			return err
		}
		m.read(r, r.ReadSample, m.cfg.Arrivals.KeyFrame)
	}
	return nil
}

// read reads samples until the member leaves, and tells of those that decoding can begin with.
func (m *ourMember) read(r io.Closer, next func(context.Context) (crvideo.Sample, error), came func()) {
	m.readers.Go(func() {
		defer func() { _ = r.Close() }()
		for {
			s, err := next(context.Background())
			if err != nil {
				return // the client was closed
			}
			if s.Key {
				came()
			}
		}
	})
}

func (m *ourMember) Enter(ctx context.Context) error {
	var options []crvideo.EnterOption
	if len(m.cfg.Hear) == 0 {
		options = append(options, crvideo.WithoutAudio())
	}
	if err := m.c.EnterMeeting(ctx, m.room, options...); err != nil {
		return err
	}
	return m.c.WaitMedia(ctx)
}

func (m *ourMember) Publish(ctx context.Context, kind load.Kind) (load.Track, error) {
	if kind == load.Audio {
		return ourTrack{m.mic, func() { _ = m.c.CloseMic(context.Background(), "") }}, m.c.OpenMic(ctx, "")
	}
	return ourTrack{m.cam, func() { _ = m.c.CloseVideo(context.Background(), "") }}, m.c.OpenVideo(ctx, "")
}

func (m *ourMember) Packets() uint64 {
	n := uint64(0)
	for _, s := range m.c.GetStats().Receiving {
		n += s.Packets
	}
	return n
}

func (m *ourMember) Close() {
	_ = m.c.Close()
	m.readers.Wait()
}

type ourTrack struct {
	queue *crvideo.SampleQueue
	end   func()
}

func (t ourTrack) Write(ctx context.Context, f load.Frame) error {
	return t.queue.Write(ctx, crvideo.Sample{Data: f.Data, Duration: f.Duration, Key: f.Key})
}

func (t ourTrack) Close() { t.end() }

package rtpkit

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/pion/logging"
)

// NewLoggerFactory makes pion log to log: its errors as warnings and its warnings as debug lines, since it warns about
// every ordinary close; the rest is dropped. A nil log discards everything.
func NewLoggerFactory(log *slog.Logger) logging.LoggerFactory {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return loggerFactory{log}
}

type loggerFactory struct{ log *slog.Logger }

func (f loggerFactory) NewLogger(scope string) logging.LeveledLogger { return logger{f.log, scope} }

type logger struct {
	log   *slog.Logger
	scope string
}

func (l logger) write(level slog.Level, format string, args ...any) {
	if !l.log.Enabled(context.Background(), level) {
		return
	}
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	l.log.Log(context.Background(), level, format, "pion", l.scope)
}

func (logger) Trace(string)                        {}
func (logger) Tracef(string, ...any)               {}
func (logger) Debug(string)                        {}
func (logger) Debugf(string, ...any)               {}
func (logger) Info(string)                         {}
func (logger) Infof(string, ...any)                {}
func (l logger) Warn(msg string)                   { l.write(slog.LevelDebug, msg) }
func (l logger) Warnf(format string, args ...any)  { l.write(slog.LevelDebug, format, args...) }
func (l logger) Error(msg string)                  { l.write(slog.LevelWarn, msg) }
func (l logger) Errorf(format string, args ...any) { l.write(errorLevel(format), format, args...) }

// errorLevel is the level of pion's errors. One of them is none: packets of a new slot that come before its description
// are taken by Tap, whatever pion finds.
func errorLevel(format string) slog.Level {
	if strings.HasPrefix(format, "Incoming unhandled RTP ssrc") {
		return slog.LevelDebug
	}
	return slog.LevelWarn
}

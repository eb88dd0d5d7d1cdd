//go:build windows

package sfu

import (
	"errors"
	"syscall"
)

const wsaeAddrInUse = syscall.Errno(10048) // WSAEADDRINUSE

func addressInUse(err error) bool { return errors.Is(err, wsaeAddrInUse) }

package rtc

import (
	"sync"
	"time"

	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/stdnet"
)

// interfacesAge is how old a list of the machine's addresses may be.
const interfacesAge = 200 * time.Millisecond

// lately is the machine's network as it was a moment ago. pion asks the kernel for all interfaces whenever a connection is
// made, and keeps the list as long; those of a process that come at once may share one.
var lately struct {
	mu  sync.Mutex
	at  time.Time
	net *stdnet.Net
}

// network is nil if the kernel does not tell: then pion asks itself.
func network() transport.Net {
	lately.mu.Lock()
	defer lately.mu.Unlock()
	if lately.net == nil || time.Since(lately.at) > interfacesAge {
		fresh, err := stdnet.NewNet()
		if err != nil {
			return nil
		}
		lately.net, lately.at = fresh, time.Now()
	}
	return lately.net
}

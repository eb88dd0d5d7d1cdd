package load

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// Process is a child process.
type Process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	mu     sync.Mutex
	once   sync.Once
}

// Spawn starts a child that dies with this process.
func Spawn(name string, args ...string) (*Process, error) {
	p := &Process{cmd: exec.Command(name, args...)}
	p.cmd.Stderr = os.Stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.stdout = bufio.NewReader(out)
	return p, p.cmd.Start()
}

// PID is the process's.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Line reads a line of its output.
func (p *Process) Line() (string, error) {
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("%s ended: %w", p.cmd.Path, err)
	}
	return line[:len(line)-1], nil
}

// Discard reads what it prints from here on, so that it never waits.
func (p *Process) Discard() { go func() { _, _ = io.Copy(io.Discard, p.stdout) }() }

// Goroutines asks a server that runs Serve.
func (p *Process) Goroutines(context.Context) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := io.WriteString(p.stdin, "goroutines\n"); err != nil {
		return 0, err
	}
	line, err := p.Line()
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(line)
}

// Close ends the process.
func (p *Process) Close() {
	p.once.Do(func() {
		_ = p.stdin.Close()
		if os.Getenv(ProfileVariable) != "" {
			_, _ = io.Copy(io.Discard, p.stdout) // it writes its profiles
		}
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	})
}

// ProfileVariable names the folder for profiles of drivers, and of servers that run Serve.
const ProfileVariable = "CRVIDEO_BENCH_PROFILE"

// Serve is a server's side of Process: it prints the address and answers until its parent closes the pipe.
func Serve(addr string) error {
	end, err := profile("server")
	if err != nil {
		return err
	}
	defer end()
	fmt.Println(addr)
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		fmt.Println(runtime.NumGoroutine())
	}
	return in.Err()
}

// profile begins a CPU profile, if there is to be one. Its end writes it, and what is in memory and runs then.
func profile(role string) (end func(), err error) {
	dir := os.Getenv(ProfileVariable)
	if dir == "" {
		return func() {}, nil
	}
	name := filepath.Join(dir, fmt.Sprintf("%s-%d.", role, os.Getpid()))
	f, err := os.Create(name + "cpu")
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
		for _, kind := range []string{"heap", "goroutine"} {
			if f, err := os.Create(name + kind); err == nil {
				_ = pprof.Lookup(kind).WriteTo(f, 0)
				_ = f.Close()
			}
		}
	}, nil
}

// cpu is the processor time that a process has used.
func cpu(pid int) (time.Duration, error) {
	clock := ^pid<<3 | 2 // CPUCLOCK_SCHED of a process: as clock_getcpuclockid(3) makes it
	var ts syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&ts)), 0); errno != 0 {
		return 0, fmt.Errorf("processor time of %d: %w", pid, errno)
	}
	return time.Duration(ts.Nano()), nil
}

// memory is how many bytes of a process are in memory.
func memory(pid int) (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(b, []byte("VmRSS:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0, errors.New("no VmRSS")
	}
	kb, err := strconv.ParseFloat(string(fields[0]), 64)
	return kb * 1024, err
}

// Run is a driver: it runs one scenario with a candidate and prints its results as JSON.
func Run(ctx context.Context, c Candidate, scenario string) error {
	var p Params
	if err := json.Unmarshal([]byte(scenario), &p); err != nil {
		return fmt.Errorf("scenario: %w", err)
	}
	run := scenarios[p.Scenario]
	if run == nil {
		return fmt.Errorf("no scenario %q", p.Scenario)
	}
	s, err := c.Start(ctx)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	defer s.Close()
	b := &bench{Params: p, server: s, results: Results{}}
	if err := run(ctx, b); err != nil {
		return fmt.Errorf("%s: %w", p.Scenario, err)
	}
	b.results["failed"] = float64(b.failed.Load())
	return json.NewEncoder(os.Stdout).Encode(b.results)
}

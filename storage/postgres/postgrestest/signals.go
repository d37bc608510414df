package postgrestest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Run starts the server, or starts it again after Kill or Stop, on the same
// port, and waits until it answers.
func (c *Cluster) Run() error {
	cmd, err := c.command("postgres", "-D", c.data())
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(c.Dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	c.cmd = cmd
	return c.await()
}

// Stop ends the server in order (a fast shutdown).
func (c *Cluster) Stop() { c.end(syscall.SIGINT) }

// Immediate ends it as pg_ctl -m immediate does.
func (c *Cluster) Immediate() { c.end(syscall.SIGQUIT) }

// Kill ends it with kill -9, its children too, as when the machine dies.
func (c *Cluster) Kill() {
	children := c.children()
	c.end(syscall.SIGKILL)
	for _, pid := range children {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

func (c *Cluster) end(sig syscall.Signal) {
	_ = c.cmd.Process.Signal(sig)
	_ = c.cmd.Wait()
}

// Freeze stops every process of the server: connections stay open, and nothing
// answers. The children first, or the postmaster would miss them, and once more
// those that it made meanwhile.
func (c *Cluster) Freeze() {
	for _, pid := range append(c.children(), c.cmd.Process.Pid) {
		_ = syscall.Kill(pid, syscall.SIGSTOP)
	}
	for _, pid := range c.children() {
		_ = syscall.Kill(pid, syscall.SIGSTOP)
	}
}

// Thaw lets them go on.
func (c *Cluster) Thaw() {
	for _, pid := range append([]int{c.cmd.Process.Pid}, c.children()...) {
		_ = syscall.Kill(pid, syscall.SIGCONT)
	}
}

func (c *Cluster) children() (pids []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has just ended
		}
		// pid (command) state parent …; a command may hold spaces and brackets
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) > 1 && fields[1] == strconv.Itoa(c.cmd.Process.Pid) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			pids = append(pids, pid)
		}
	}
	return pids
}

package main

import (
	"net"
	"sync/atomic"
	"time"
)

// pacedListener gives connections that close when nothing comes or goes for a time, however long a transfer takes.
type pacedListener struct {
	net.Listener
	idle time.Duration
}

// Accept waits for the next connection.
func (l *pacedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &pacedConn{Conn: conn, idle: l.idle}, nil
}

// pacedConn moves its time limits on with every read and write, unless the server has set one of its own.
type pacedConn struct {
	net.Conn
	idle time.Duration
	// own is set while the server's limit for reading holds.
	own atomic.Bool
}

// SetReadDeadline sets a limit for reading; none brings back the one that moves on.
func (c *pacedConn) SetReadDeadline(when time.Time) error {
	c.own.Store(!when.IsZero())
	return c.Conn.SetReadDeadline(when)
}

func (c *pacedConn) Read(data []byte) (int, error) {
	if !c.own.Load() {
		if err := c.Conn.SetReadDeadline(time.Now().Add(c.idle)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(data)
}

func (c *pacedConn) Write(data []byte) (int, error) {
	if err := c.Conn.SetWriteDeadline(time.Now().Add(c.idle)); err != nil {
		return 0, err
	}
	return c.Conn.Write(data)
}

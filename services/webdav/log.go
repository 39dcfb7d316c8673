package main

import (
	"encoding/json"
	"io"
	"sync"
	"time"
)

// accessLog writes one line of JSON for each request, and for what else is worth a line; never a token.
type accessLog struct {
	mutex sync.Mutex
	to    *json.Encoder
}

func newAccessLog(to io.Writer) *accessLog { return &accessLog{to: json.NewEncoder(to)} }

func (l *accessLog) write(line any) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	_ = l.to.Encode(line)
}

type requestLine struct {
	Time     string  `json:"time"`
	User     string  `json:"user"`
	Client   string  `json:"client"`
	Method   string  `json:"method"`
	Path     string  `json:"path"`
	Status   int     `json:"status"`
	Received int64   `json:"received"`
	Sent     int64   `json:"sent"`
	Seconds  float64 `json:"seconds"`
	Agent    string  `json:"agent,omitempty"`
	Error    string  `json:"error,omitempty"`
}

const longestLogged = 1024

func cut(text string) string {
	if len(text) > longestLogged {
		return text[:longestLogged] + "…"
	}
	return text
}

// request writes down a request that is over. Of its address only the path is told: clients put tokens into queries.
func (l *accessLog) request(c *call, took time.Duration) {
	line := requestLine{
		Time: now(), User: c.caller.Name, Client: cut(clientAddress(c.Request)), Method: cut(c.Method),
		Path: cut(c.URL.Path), Status: c.answer.status, Received: c.answer.received, Sent: c.answer.sent,
		Seconds: took.Seconds(), Agent: cut(c.UserAgent()),
	}
	if err := c.answer.err; err != nil {
		if cause := asRefusal(err).cause; cause != nil {
			err = cause
		}
		line.Error = cut(err.Error())
	}
	l.write(line)
}

type messageLine struct {
	Time    string `json:"time"`
	Message string `json:"message"`
	Detail  string `json:"detail,omitempty"`
}

func now() string { return time.Now().UTC().Format(time.RFC3339Nano) }

// say writes a message.
func (l *accessLog) say(message string) { l.write(messageLine{Time: now(), Message: message}) }

// panicked writes down a fault of this program.
func (l *accessLog) panicked(failure any, stack []byte) {
	detail, _ := json.Marshal(failure)
	l.write(messageLine{Time: now(), Message: "panic: " + string(detail), Detail: string(stack)})
}

// Write takes the lines of net/http's own log.
func (l *accessLog) Write(text []byte) (int, error) {
	l.say(cut(string(text)))
	return len(text), nil
}

package main

import "sync"

// limits bound how many requests are under way, of all and of each user.
type limits struct {
	perUser, total int

	mutex sync.Mutex
	all   int
	users map[string]int
}

func newLimits(perUser, total int) *limits {
	return &limits{perUser: perUser, total: total, users: map[string]int{}}
}

// enter takes a place among all; leave gives it back.
func (l *limits) enter() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.all >= l.total {
		return false
	}
	l.all++
	return true
}

func (l *limits) leave() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.all--
}

// enterUser takes a place among a user's; leaveUser gives it back.
func (l *limits) enterUser(user string) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.users[user] >= l.perUser {
		return false
	}
	l.users[user]++
	return true
}

func (l *limits) leaveUser(user string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.users[user]--; l.users[user] == 0 {
		delete(l.users, user)
	}
}

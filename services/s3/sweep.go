package main

import (
	"context"
	"log/slog"
	"time"

	"science-platform/services/rooms"
	"science-platform/services/s3/objects"
	"science-platform/services/tree"
)

const sweepEvery = time.Hour

// sweepForever gives up uploads in parts that nobody goes on with.
func sweepForever(ctx context.Context, document *rooms.Document, idle time.Duration) {
	for {
		removed, err := sweep(ctx, document, idle)
		if err != nil {
			slog.Error("not all abandoned uploads could be removed", "error", err)
		}
		if removed > 0 {
			slog.Info("abandoned uploads were removed", "uploads", removed)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(sweepEvery):
		}
	}
}

// sweep removes the abandoned uploads of all homes and project spaces, and returns how many there were.
func sweep(ctx context.Context, document *rooms.Document, idle time.Duration) (int, error) {
	removed := 0
	for _, volume := range []string{document.Homes, document.Projects} {
		if volume == "" {
			continue
		}
		all, err := tree.Open(volume)
		if err != nil {
			return removed, err
		}
		err = all.List(".", func(info tree.Info) error {
			if !info.IsDir() || info.IsLink() || ctx.Err() != nil {
				return ctx.Err()
			}
			room, err := all.Sub(info.Name())
			if err != nil {
				return nil //nolint:nilerr // it is gone
			}
			defer room.Close()
			count, err := objects.Sweep(ctx, room, idle)
			removed += count
			if err != nil {
				slog.Error("cannot sweep the uploads of a room", "room", info.Name(), "error", err)
			}
			return nil
		})
		_ = all.Close()
		if err != nil {
			return removed, err
		}
	}
	return removed, nil
}

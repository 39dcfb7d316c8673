module science-platform/pause

go 1.26.0

tool science-platform/pause

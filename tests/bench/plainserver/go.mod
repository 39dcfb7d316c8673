module science-platform/plainserver

go 1.26.0

tool science-platform/plainserver

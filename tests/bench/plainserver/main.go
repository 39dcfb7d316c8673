// Plainserver is what the WebDAV door is measured beside: the standard library's file server, and PUT by io.Copy.
// It checks nothing.
package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
)

func main() {
	address, folder := os.Args[1], os.Args[2]
	files := http.FileServer(http.Dir(folder))
	log.Fatal(http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPut {
			files.ServeHTTP(w, r)
			return
		}
		file, err := os.Create(filepath.Join(folder, filepath.Clean("/"+r.URL.Path)))
		if err == nil {
			_, err = io.Copy(file, r.Body)
			file.Close()
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusCreated)
	})))
}

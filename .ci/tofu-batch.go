// Becomes the main function of cmd/tofu in tofu-batch: runs many commands in one process, because starting OpenTofu takes
// ten times as long as planning a small module. Reads one command per line and writes its exit status.

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

type batchCommand struct {
	Dir    string   `json:"dir"`
	Args   []string `json:"args"`
	Output string   `json:"output"` // file for the standard output
}

func main() {
	standardOutput, err := unix.Dup(1)
	check(err)
	statuses := os.NewFile(uintptr(standardOutput), "statuses")
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return // end of input
		}
		var command batchCommand
		check(json.Unmarshal(line, &command))
		fmt.Fprintln(statuses, run(command))
	}
}

func run(command batchCommand) int {
	check(os.Chdir(command.Dir))
	output, err := os.Create(command.Output)
	check(err)
	defer output.Close()
	check(unix.Dup2(int(output.Fd()), 1))
	os.Args = append([]string{"tofu"}, command.Args...)
	return realMain()
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

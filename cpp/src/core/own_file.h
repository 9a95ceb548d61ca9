// Files of a run with predictable names next to its output, where another user may have created a file first.
#pragma once

#include <string>

namespace ppinfer {

enum class OwnFile {
  kKeep,   // opens what an earlier run of the same user left; makes it if it isn't there
  kFresh,  // removes what has the name, and makes a new one
};

// Opens `path` for reading and writing; the caller closes the descriptor. Never follows a symbolic link, never waits
// for a FIFO's other end. Throws RuntimeFailure when the file can't be opened, or isn't the user's alone: it is a
// link, not a regular file, has another name (a hard link), belongs to another user, or may be written by more users
// than a new file of this run.
int open_own_file(const std::string& path, OwnFile mode);

}  // namespace ppinfer

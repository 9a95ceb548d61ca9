// Paths that a config names: where they lead, and what is wrong with them.
#pragma once

#include <cstddef>
#include <string>

namespace ppinfer {

enum class PathKind { kFile, kFolder };

// `path` as seen from `folder` (empty: the working directory). Absolute and empty paths stay as they are.
std::string path_from(const std::string& folder, const std::string& path);

std::string parent_folder(const std::string& path);  // "" for a bare file name
std::string file_name(const std::string& path);

bool is_there(const std::string& path);  // a file of any kind
bool is_folder(const std::string& path);

// Empty when `path` is there and of that kind; else the reason, beginning with the path:
// "m/inferense.pdmodel: no such file (did you mean inference.pdmodel?)".
std::string path_problem(const std::string& path, PathKind kind);

// The whole of a text file. Throws ConfigError with one problem: path_problem's, unreadable, longer than `max_bytes`,
// not a regular file, a stand-in (core/stand_in.h), or with NUL bytes, as UTF-16 and binary files have
// (encoding_problem says which).
std::string read_text_file(const std::string& path, std::size_t max_bytes);

}  // namespace ppinfer

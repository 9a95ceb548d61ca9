// Every exception that ppinfer throws. The library never prints, exits or aborts: it throws one of these.
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "ppinfer/result.h"

namespace [[gnu::visibility("default")]] ppinfer {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The config, a flag or an argument is wrong. Holds the problems found, one line each, such as
// "config.txt:12: resize_short_sise: unknown key (did you mean resize_short_size?)"; what() joins them with newlines.
// More than 20 problems are cut to the first 20 and a line "and N more", since a file of another kind has a problem in
// each line. `conclusion`: a last line that is always kept; empty: none.
class ConfigError : public Error {
 public:
  explicit ConfigError(std::vector<std::string> problems, const std::string& conclusion = "");
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  struct Bounded {
    std::vector<std::string> problems;
  };
  explicit ConfigError(Bounded bounded);

  std::vector<std::string> problems_;
};

// The model cannot be loaded or does not fit the config (wrong class count, an engine that cannot read the format,
// ...).
class ModelError : public Error {
 public:
  using Error::Error;
};

// The run cannot continue (output cannot be written, ...). A bad image never throws this error: a bad image gives a
// Result, or a BadImageError from functions without a Result.
class RuntimeFailure : public Error {
 public:
  using Error::Error;
};

// A bad image, from functions without a Result: decode() and the stages of Predictor. These functions throw a
// RuntimeFailure for a machine error (Stage::kMachine).
class BadImageError : public Error {
 public:
  // `index`: of the image among several.
  BadImageError(const std::string& path, const ImageError& error, std::optional<std::size_t> index = std::nullopt);
  const std::string& path() const { return path_; }   // empty when the input had none
  const ImageError& error() const { return error_; }  // what its Result would hold
  std::optional<std::size_t> index() const { return index_; }

 private:
  std::string path_;
  ImageError error_;
  std::optional<std::size_t> index_;
};

}  // namespace ppinfer

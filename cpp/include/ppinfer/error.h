// Every exception that ppinfer throws. The library never prints, exits or aborts: it throws one of these.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace ppinfer {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The config, a flag or an argument is wrong. Holds every problem found, one line each, such as
// "config.txt:12: resize_short_sise: unknown key (did you mean resize_short_size?)"; what() joins them with newlines.
class ConfigError : public Error {
 public:
  explicit ConfigError(std::vector<std::string> problems);
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  std::vector<std::string> problems_;
};

// The model cannot be loaded or does not fit the config (wrong class count, an engine that cannot read the format,
// ...).
class ModelError : public Error {
 public:
  using Error::Error;
};

// The run cannot go on (output cannot be written, ...). A bad image is never one of these: it is a Result.
class RuntimeFailure : public Error {
 public:
  using Error::Error;
};

}  // namespace ppinfer

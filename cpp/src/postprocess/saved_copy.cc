#include "postprocess/saved_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>  // renameat2
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include "core/file_names.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunkBytes = 256 << 10;
constexpr mode_t kModeOfBytes = 0644;

[[noreturn]] void fail(const std::string& source, const std::string& folder, const std::string& reason) {
  throw RuntimeFailure("cannot copy " + source + " to " + folder + ": " + reason);
}

std::string system_reason(int error) { return std::generic_category().message(error); }

// A file without a name that others go by, gone when it is let go.
class Draft {
 public:
  Draft(const std::string& source, const std::string& folder) : path_(folder + "/.ppinfer-XXXXXX") {
    descriptor_ = ::mkostemp(path_.data(), O_CLOEXEC);
    if (descriptor_ < 0) fail(source, folder, system_reason(errno));
  }
  ~Draft() {
    if (descriptor_ >= 0) ::close(descriptor_);
    ::unlink(path_.c_str());
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  // 0, or errno.
  int append(const char* bytes, std::size_t count) {
    while (count > 0) {
      const ssize_t written = ::write(descriptor_, bytes, count);
      if (written < 0 && errno != EINTR) return errno;
      if (written <= 0) continue;
      bytes += written;
      count -= static_cast<std::size_t>(written);
    }
    return 0;
  }

  int close(mode_t mode) {
    const int mode_error = ::fchmod(descriptor_, mode) == 0 ? 0 : errno;
    const int closing = descriptor_;
    descriptor_ = -1;
    if (::close(closing) != 0 && errno != EINTR) return errno;
    return mode_error;
  }

  // Gives the file this name unless it is taken: EEXIST then. Where the file system has no second names, it is moved.
  int publish(const std::string& name) const {
    if (::link(path_.c_str(), name.c_str()) == 0) return 0;
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK) return errno;
    return ::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) == 0 ? 0 : errno;
  }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int descriptor_ = -1;
};

void copy_content(const std::string& source, const std::string& folder, Draft& draft) {
  const int input = ::open(source.c_str(), O_RDONLY | O_CLOEXEC);
  if (input < 0) fail(source, folder, system_reason(errno));
  std::vector<char> chunk(kChunkBytes);
  int error = 0;
  struct stat status {};
  if (::fstat(input, &status) != 0) error = errno;
  while (error == 0) {
    const ssize_t count = ::read(input, chunk.data(), chunk.size());
    if (count == 0) break;
    if (count < 0) {
      if (errno != EINTR) error = errno;
    } else {
      error = draft.append(chunk.data(), static_cast<std::size_t>(count));
    }
  }
  ::close(input);
  if (error == 0) error = draft.close(status.st_mode & 0777);
  if (error != 0) fail(source, folder, system_reason(error));
}

// As split_member of the room input parts it, though without a look at what is there.
fs::path name_in_archive(const std::string& source) {
  constexpr std::string_view kBetween = "::";
  for (std::size_t place = source.find(kBetween); place != std::string::npos;
       place = source.find(kBetween, place + 1)) {
    if (has_archive_ending(source.substr(0, place))) return fs::path(source.substr(place + kBetween.size())).filename();
  }
  return fs::path(source).filename();
}

bool same_content(const std::string& a, const std::string& b) {
  std::error_code error;
  if (!fs::is_regular_file(b, error) || fs::file_size(a, error) != fs::file_size(b, error) || error) return false;
  std::ifstream first(a, std::ios::binary);
  std::ifstream second(b, std::ios::binary);
  std::vector<char> chunk_a(kChunkBytes);
  std::vector<char> chunk_b(kChunkBytes);
  while (first && second) {
    first.read(chunk_a.data(), static_cast<std::streamsize>(chunk_a.size()));
    second.read(chunk_b.data(), static_cast<std::streamsize>(chunk_b.size()));
    if (first.gcount() != second.gcount()) return false;
    if (!std::equal(chunk_a.begin(), chunk_a.begin() + first.gcount(), chunk_b.begin())) return false;
  }
  return first.eof() && second.eof();
}

void make_folder(const std::string& source, const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail(source, folder, error.message());
}

std::string publish(const Draft& draft, const fs::path& name, const std::string& source, const std::string& folder) {
  for (int number = 1;; ++number) {
    const std::string numbered =
        number == 1 ? name.string() : name.stem().string() + "_" + std::to_string(number) + name.extension().string();
    std::string copy = (fs::path(folder) / numbered).string();
    const int error = draft.publish(copy);
    if (error == 0) return copy;
    if (error != EEXIST) fail(source, folder, system_reason(error));
    if (same_content(draft.path(), copy)) return copy;
  }
}

}  // namespace

std::string copy_into_folder(const std::string& source, const std::string& folder) {
  make_folder(source, folder);
  Draft draft(source, folder);
  copy_content(source, folder, draft);
  return publish(draft, fs::path(source).filename(), source, folder);
}

std::string copy_into_folder(const EncodedImage& image, const std::string& source, const std::string& folder) {
  make_folder(source, folder);
  Draft draft(source, folder);
  int error = draft.append(reinterpret_cast<const char*>(image.bytes.data()), image.bytes.size());
  if (error == 0) error = draft.close(kModeOfBytes);
  if (error != 0) fail(source, folder, system_reason(error));
  return publish(draft, name_in_archive(source), source, folder);
}

}  // namespace ppinfer

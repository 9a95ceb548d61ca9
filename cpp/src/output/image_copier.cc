#include "output/image_copier.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>  // renameat2
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "core/same_file.h"
#include "core/stable_hash.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunkBytes = 256 << 10;
constexpr std::size_t kMaxNameBytes = 255;
constexpr mode_t kPermissions = 0777;

enum class Name { kTaken, kHadIt, kGotIt };  // by another image; this image had the name before; it got the name now

[[noreturn]] void throw_system_error(int error) { throw std::system_error(error, std::generic_category()); }

template <class Number>
Number checked(Number result) {
  if (result < 0) throw_system_error(errno);
  return result;
}

// Of a file system without hard links, or of a file that may not get one.
bool refuses_links(int error) { return error == EPERM || error == EOPNOTSUPP || error == ENOSYS || error == EMLINK; }

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return number_; }
  void close() { checked(::close(std::exchange(number_, -1))); }

 private:
  int number_;
};

// Fills `to` as far as there are bytes.
std::size_t read_at(int file, std::size_t offset, std::vector<char>& to) {
  std::size_t filled = 0;
  while (filled < to.size()) {
    const ssize_t got = ::pread(file, to.data() + filled, to.size() - filled, static_cast<off_t>(offset + filled));
    if (got == 0) break;
    if (got > 0) filled += static_cast<std::size_t>(got);
    if (got < 0 && errno != EINTR) throw_system_error(errno);
  }
  return filled;
}

void write_all(int file, const char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t put = ::write(file, bytes, count);
    if (put < 0 && errno != EINTR) throw_system_error(errno);
    bytes += std::max<ssize_t>(put, 0);
    count -= static_cast<std::size_t>(std::max<ssize_t>(put, 0));
  }
}

// What is copied: a file, or a member, which becomes one in memory.
class Content {
 public:
  explicit Content(const std::string& path) : file_(checked(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))) {
    checked(::fstat(file_, &status_));
    if (!S_ISREG(status_.st_mode)) throw_system_error(EINVAL);
  }
  Content(const std::vector<std::uint8_t>& bytes, std::int64_t modified_ns)
      : file_(checked(::memfd_create("member", MFD_CLOEXEC))) {
    write_all(file_, reinterpret_cast<const char*>(bytes.data()), bytes.size());
    checked(::fstat(file_, &status_));
    modified_ns = std::max<std::int64_t>(modified_ns, 0);
    status_.st_mtim = {modified_ns / 1'000'000'000, modified_ns % 1'000'000'000};
    status_.st_mode = 0644;
  }

  bool is_in(const std::string& path, const struct stat& status) const {
    if (!S_ISREG(status.st_mode) || status.st_size != status_.st_size) return false;
    const Descriptor other(checked(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)));
    std::vector<char> ours(kChunkBytes);
    std::vector<char> theirs(kChunkBytes);
    for (std::size_t offset = 0;; offset += kChunkBytes) {
      const std::size_t count = read_at(file_, offset, ours);
      if (read_at(other, offset, theirs) != count) return false;
      if (std::memcmp(ours.data(), theirs.data(), count) != 0) return false;
      if (count < kChunkBytes) return true;
    }
  }

  void write_to(int file) const {
    std::vector<char> chunk(kChunkBytes);
    std::size_t count = kChunkBytes;
    for (std::size_t offset = 0; count == kChunkBytes; offset += count) {
      count = read_at(file_, offset, chunk);
      write_all(file, chunk.data(), count);
    }
    const timespec times[] = {{0, UTIME_NOW}, status_.st_mtim};
    static_cast<void>(::futimens(file, times));  // a file system may keep none, or not this one
    checked(::fchmod(file, status_.st_mode & kPermissions));
  }

  bool has_time(const struct stat& status) const {
    constexpr std::int64_t kSecond = 1'000'000'000;
    const auto ns = [](const struct stat& of) { return of.st_mtim.tv_sec * kSecond + of.st_mtim.tv_nsec; };
    const bool is_rounded = status.st_mtim.tv_nsec == 0;  // by FAT, say, to 2 s
    return ns(status) == ns(status_) || (is_rounded && std::abs(ns(status) - ns(status_)) < 2 * kSecond);
  }

 private:
  const Descriptor file_;
  struct stat status_ {};
};

// A copy that has no name yet: a kill leaves nothing of it. Where the file system can't do that, or a chroot has no
// /proc, it has a hidden one.
class Draft {
 public:
  explicit Draft(const std::string& folder) : Draft(open_in(folder)) {}
  ~Draft() {
    if (!hidden_name_.empty()) ::unlink(hidden_name_.c_str());
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  int file() const { return file_; }

  // False: the name is taken.
  bool publish(const std::string& name) {
    if (hidden_name_.empty()) {
      const std::string unnamed = "/proc/self/fd/" + std::to_string(file_);
      return is_done(::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW));
    }
    if (file_ >= 0) file_.close();  // some file systems tell only now that the disk is full
    const int linked = ::link(hidden_name_.c_str(), name.c_str());
    if (linked == 0 || !refuses_links(errno)) return is_done(linked);
    const int renamed = ::renameat2(AT_FDCWD, hidden_name_.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE);
    if (renamed == 0 || (errno != EINVAL && errno != ENOSYS)) return is_done(renamed);
    struct stat status;  // such as FUSE without flags for renames
    if (::lstat(name.c_str(), &status) == 0) return false;
    return is_done(::rename(hidden_name_.c_str(), name.c_str()));
  }

 private:
  struct Opened {
    int file;
    std::string hidden_name;
  };
  explicit Draft(Opened opened) : file_(opened.file), hidden_name_(std::move(opened.hidden_name)) {}

  static Opened open_in(const std::string& folder) {
    if (::access("/proc/self/fd", X_OK) == 0) {
      const int unnamed = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
      if (unnamed >= 0) return {unnamed, ""};
    }
    std::string hidden_name = folder + "/.ppinfer-XXXXXX";
    const int named = checked(::mkostemp(hidden_name.data(), O_CLOEXEC));
    return {named, std::move(hidden_name)};
  }

  static bool is_done(int result) {
    if (result != 0 && errno != EEXIST) throw_system_error(errno);
    return result == 0;
  }

  Descriptor file_;
  std::string hidden_name_;
};

std::string without_dots(const std::string& path) { return fs::absolute(path).lexically_normal().string(); }

// Of a path that ends in a name: symlinks to folders are followed, one of that name isn't.
bool lies_in(const std::string& path, const std::string& folder) {
  const fs::path holder = fs::path(path).parent_path();
  return fs::equivalent(holder.empty() ? "." : holder, folder);
}

// The names that an image may have, number 1 and on.
std::string name_to_try(const std::string& path, ImageCopier::Names names, int number) {
  const std::string name = image_name(path);
  const std::size_t dot = std::min(name.rfind('.'), name.size());
  std::string suffix = dot == 0 ? "" : name.substr(dot);
  const std::string stem = name.substr(0, name.size() - suffix.size());
  if (number > 1 && names == ImageCopier::Names::kNumbered) {
    suffix.insert(0, "_" + std::to_string(number));
  } else if (number > 1) {
    char hash[17];
    std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(stable_hash(without_dots(path))));
    std::string more = "-" + std::string(hash).substr(0, number == 2 ? 8 : 16);
    if (number > 3) more += "_" + std::to_string(number);
    suffix.insert(0, more);
  }
  return stem.substr(0, kMaxNameBytes - std::min(kMaxNameBytes, suffix.size())) + suffix;
}

struct Placed {
  std::string path;
  bool is_new;
};

// Gives the image the first name that `take` doesn't find taken.
template <class Take>
Placed place(const std::string& path, const std::string& folder, ImageCopier::Names names, const Take& take) {
  for (int number = 1;; ++number) {
    const std::string target = folder + "/" + name_to_try(path, names, number);
    const Name taken = take(target);
    if (taken != Name::kTaken) return {target, taken == Name::kGotIt};
  }
}

// `needs_time`: a file of the same content and another time is another image.
Placed place_copy(const std::string& path, const std::string& folder, ImageCopier::Names names, const Content& content,
                  bool needs_time = false) {
  std::optional<Draft> draft;
  return place(path, folder, names, [&](const std::string& target) {
    for (;;) {
      struct stat status;
      if (::lstat(target.c_str(), &status) == 0) {
        const bool is_copy = (!needs_time || content.has_time(status)) && content.is_in(target, status);
        return is_copy ? Name::kHadIt : Name::kTaken;
      }
      if (errno != ENOENT) throw_system_error(errno);
      if (!draft) content.write_to(draft.emplace(folder).file());
      if (draft->publish(target)) return Name::kGotIt;
      // Somebody else had just given the name to a file.
    }
  });
}

Placed place_symlink(const std::string& path, const std::string& folder, ImageCopier::Names names,
                     const std::string& leads_to) {
  return place(path, folder, names, [&](const std::string& target) {
    if (::symlink(leads_to.c_str(), target.c_str()) == 0) return Name::kGotIt;
    if (errno != EEXIST) throw_system_error(errno);
    std::error_code not_a_link;
    return fs::read_symlink(target, not_a_link) == leads_to ? Name::kHadIt : Name::kTaken;
  });
}

Placed place_hard_link(const std::string& path, const std::string& folder, ImageCopier::Names names,
                       const std::string& file) {
  return place(path, folder, names, [&](const std::string& target) {
    if (::linkat(AT_FDCWD, file.c_str(), AT_FDCWD, target.c_str(), 0) == 0) return Name::kGotIt;
    if (errno != EEXIST) throw_system_error(errno);
    struct stat ours;
    struct stat theirs;
    checked(::lstat(file.c_str(), &ours));
    checked(::lstat(target.c_str(), &theirs));
    return is_same_file(ours, theirs) ? Name::kHadIt : Name::kTaken;
  });
}

Placed place_moved(const std::string& path, const std::string& folder, ImageCopier::Names names) {
  try {
    return place_hard_link(path, folder, names, path);
  } catch (const std::system_error& error) {
    if (!refuses_links(error.code().value()) && error.code().value() != EXDEV) throw;
  }
  if (fs::is_symlink(path)) return place_symlink(path, folder, names, fs::read_symlink(path));
  return place_copy(path, folder, names, Content(path), true);
}

// Makes the folder, then calls `work`. Returns false without a call if the image is in the folder. Turns an error of
// the system into a RuntimeFailure.
template <class Work>
bool into_folder(const char* verb, const std::string& path, const std::string& folder, const Work& work) {
  try {
    fs::create_directories(folder);
    if (!is_member_path(path) && lies_in(path, folder)) return false;
    work();
    return true;
  } catch (const std::system_error& error) {
    throw RuntimeFailure(std::string("cannot ") + verb + " " + path + " into " + folder + ": " +
                         error.code().message());
  }
}

}  // namespace

bool ImageCopier::can_take(const std::string& path) {
  struct stat status;
  if (path == "-" || path.find('\0') != std::string::npos) return false;
  return is_member_path(path) || (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode));
}

bool ImageCopier::copy(const std::string& path, const std::string& folder) {
  if (!can_take(path)) return false;
  const bool is_member = is_member_path(path);
  std::int64_t modified_ns = 0;
  try {
    if (is_member) modified_ns = members_.read(path, bytes_);
  } catch (const BadImageError&) {
    return false;
  }
  into_folder("put", path, folder,
              [&] { place_copy(path, folder, names_, is_member ? Content(bytes_, modified_ns) : Content(path)); });
  return true;
}

bool ImageCopier::hard_link(const std::string& path, const std::string& folder) {
  if (!can_take(path)) return false;
  into_folder("put", path, folder, [&] {
    try {
      place_hard_link(path, folder, names_, fs::canonical(path));  // else it would be a second name of a link
    } catch (const std::system_error& error) {
      if (!refuses_links(error.code().value()) && error.code().value() != EXDEV) throw;
      throw RuntimeFailure("cannot put " + path + " into " + folder + ": " + error.code().message() +
                           ": hard links don't reach there; copy or symlink do");
    }
  });
  return true;
}

bool ImageCopier::symlink(const std::string& path, const std::string& folder) {
  if (!can_take(path)) return false;
  into_folder("put", path, folder, [&] { place_symlink(path, folder, names_, fs::absolute(path)); });
  return true;
}

bool ImageCopier::move(const std::string& path, const std::string& folder) {
  struct stat status;
  if (::lstat(path.c_str(), &status) != 0) return false;
  return into_folder("move", path, folder, [&] {
    const Placed moved = place_moved(path, folder, names_);
    if (::unlink(path.c_str()) == 0) return;
    const int error = errno;
    if (moved.is_new) ::unlink(moved.path.c_str());
    throw_system_error(error);
  });
}

}  // namespace ppinfer

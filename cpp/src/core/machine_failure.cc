#include "core/machine_failure.h"

#include <cerrno>
#include <new>

namespace ppinfer {
namespace {

std::string mebibytes(std::uint64_t bytes) {
  constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20;
  return std::to_string(bytes / kMebibyte + (bytes % kMebibyte != 0 ? 1 : 0)) + " MiB";
}

}  // namespace

ImageError error_at(Stage stage) {
  try {
    throw;
  } catch (const ImageFailure& failure) {
    return {failure.stage(), failure.what()};
  } catch (const std::bad_alloc&) {
    return {Stage::kMachine, std::string("out of memory at stage ") + to_string(stage)};
  } catch (const std::exception& error) {
    return {stage, error.what()};
  }
}

void throw_without_result(const std::string& path, const ImageError& error, std::optional<std::size_t> index) {
  if (error.stage == Stage::kMachine) throw RuntimeFailure(BadImageError(path, error, index).what());
  throw BadImageError(path, error, index);
}

RuntimeFailure no_thread_left(const std::system_error& error) {
  return RuntimeFailure(std::string("the system gives no more threads (set fewer lanes): ") + error.what());
}

Stage stage_of_failed_read(int error_number) {
  switch (error_number) {
    case ENOMEM:
    case ENFILE:
    case EMFILE:
    case EAGAIN:
    case EIO:
    case ENXIO:  // a drive that is gone
    case ENODEV:
    case ENOMEDIUM:
    case EUCLEAN:  // a damaged file system
    case EBADMSG:  // a checksum of the file system
    case EREMOTEIO:
    case ESTALE:  // a network drive
    case ENOTCONN:
    case ECONNABORTED:
    case ECONNREFUSED:
    case ECONNRESET:
    case ETIMEDOUT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ENETUNREACH:
    case ENOLINK:
    case ECOMM:
    case ESHUTDOWN:
      return Stage::kMachine;
    default:
      return Stage::kRead;
  }
}

MachineFailure out_of_memory(const std::string& doing, std::uint64_t needed_bytes) {
  return MachineFailure("out of memory " + doing + " " + mebibytes(needed_bytes));
}

MachineFailure out_of_memory(const std::string& doing, Size size_px) {
  const std::uint64_t pixels = static_cast<std::uint64_t>(size_px.width) * static_cast<std::uint64_t>(size_px.height);
  return MachineFailure("out of memory " + doing + " " + std::to_string(size_px.width) + "x" +
                        std::to_string(size_px.height) + " px, " + mebibytes(3 * pixels));
}

}  // namespace ppinfer

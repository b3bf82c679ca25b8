#include "io/output_target.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/stop.hpp"
#include "io/artifacts.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxLinks = 40;
constexpr std::string_view kMark = ".tmp.";

[[noreturn]] void fail_to_open(const fs::path& path) {
  throw output_error(path.string(), std::string("cannot be written: ") + std::strerror(errno));
}

// N of this process's /proc/self/fd/N, which /dev/stdout and /dev/fd/N lead to.
std::optional<int> own_descriptor(const fs::path& path) {
  std::error_code code;
  const auto folder = fs::canonical(folder_of(path), code);
  if (code || folder != "/proc/" + std::to_string(getpid()) + "/fd") return std::nullopt;
  const std::string name = path.filename().string();
  int number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? std::optional(number) : std::nullopt;
}

struct Resolved {
  fs::path path;
  std::optional<int> descriptor;
};

Resolved resolve(const fs::path& output) {
  if (output == "-") return {output, STDOUT_FILENO};
  fs::path path = output;
  for (int links = 0; links < kMaxLinks; ++links) {
    if (const auto number = own_descriptor(path)) return {path, number};
    std::error_code code;
    if (!fs::is_symlink(path, code)) return {path, std::nullopt};
    const fs::path next = fs::read_symlink(path, code);
    if (code) return {path, std::nullopt};
    path = folder_of(path) / next;
  }
  errno = ELOOP;
  fail_to_open(output);
}

// A service that listens at a socket's name.
Descriptor connect_to(const fs::path& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string name = path.string();
  if (name.size() >= sizeof(address.sun_path)) {
    errno = ENAMETOOLONG;
    fail_to_open(path);
  }
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  Descriptor stream(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!stream.is_open()) fail_to_open(path);
  if (::connect(stream.value(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) fail_to_open(path);
  return stream;
}

}  // namespace

bool is_stream(const fs::path& output) {
  const auto resolved = resolve(output);
  if (resolved.descriptor) return true;
  std::error_code code;
  const auto status = fs::status(resolved.path, code);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

fs::path follow_link(const fs::path& output) {
  return resolve(output).path;
}

Descriptor open_stream(const fs::path& output) {
  const auto resolved = resolve(output);
  if (resolved.descriptor) {
    Descriptor copy(fcntl(*resolved.descriptor, F_DUPFD_CLOEXEC, 3));
    if (!copy.is_open()) fail_to_open(output);
    return copy;
  }
  std::error_code code;
  if (fs::is_socket(resolved.path, code)) return connect_to(resolved.path);
  for (;;) {
    throw_if_stopped();
    Descriptor stream(::open(resolved.path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (stream.is_open()) return stream;
    if (errno != EINTR) fail_to_open(output);
  }
}

fs::path scratch_folder(const fs::path& output) {
  if (!is_stream(output)) return folder_of(follow_link(output));
  std::error_code code;
  const auto folder = fs::temp_directory_path(code);
  return code ? fs::path("/tmp") : folder;
}

fs::path temporary_of(const fs::path& target) {
  auto path = target;
  path += std::string(kMark) + std::to_string(getpid());
  return path;
}

void remove_leftovers(const fs::path& target) {
  const std::string prefix = target.filename().string() + std::string(kMark);
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder_of(target), code)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    const auto pid = static_cast<pid_t>(std::strtol(name.c_str() + prefix.size(), nullptr, 10));
    if (pid > 0 && pid != getpid() && kill(pid, 0) != 0 && errno == ESRCH) fs::remove_all(entry.path(), code);
  }
}

}  // namespace persona4rec

#include "io/descriptor.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include "base/stop.hpp"
#include "io/output_target.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

// For file systems that make no file without a name: a SIGKILL between the two calls leaves one, which the next
// removes.
Descriptor open_and_unlink(const std::filesystem::path& rows) {
  remove_leftovers(rows);
  std::string name = temporary_of(rows).string() + ".XXXXXX";
  Descriptor file(mkostemp(name.data(), O_CLOEXEC));
  if (!file.is_open()) {
    throw output_error(rows.parent_path().string(),
                       std::string("a temporary file cannot be made: ") + std::strerror(errno));
  }
  unlink(name.c_str());
  return file;
}

}  // namespace

Descriptor::~Descriptor() {
  if (value_ >= 0) ::close(value_);
}

Descriptor open_unnamed_file(const std::filesystem::path& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  Descriptor file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600));
  if (file.is_open()) return file;
  return open_and_unlink(folder / "rows");
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto wrote = ::write(descriptor, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) {
      throw_if_stopped();
      continue;
    }
    if (wrote < 0 && errno == EPIPE) throw Error::from_signal(SIGPIPE);
    if (wrote < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

}  // namespace persona4rec

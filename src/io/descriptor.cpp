#include "io/descriptor.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include "base/stop.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

Descriptor::~Descriptor() {
  if (value_ >= 0) ::close(value_);
}

Descriptor open_unnamed_file(const std::filesystem::path& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  std::string name = (folder / "rows.tmp.XXXXXX").string();
  const int value = mkostemp(name.data(), O_CLOEXEC);
  if (value < 0) {
    throw output_error(folder.string(), std::string("a temporary file cannot be made: ") + std::strerror(errno));
  }
  unlink(name.c_str());
  return Descriptor(value);
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

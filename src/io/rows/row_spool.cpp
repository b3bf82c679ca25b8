#include "io/rows/row_spool.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "io/descriptor.hpp"
#include "io/output_target.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kSpoolBytes = std::size_t{1} << 18U;

}  // namespace

struct RowSpool::State {
  explicit State(const std::filesystem::path& output)
      : folder(scratch_folder(output)), file(open_unnamed_file(folder)) {}

  [[noreturn]] void fail(const std::string& what) const {
    throw output_error(folder.string(), what + ": " + std::strerror(errno));
  }

  void drain() {
    if (!write_all(file.value(), buffer)) fail("a temporary file cannot be written");
    buffer.clear();
  }

  // REQUIRES: drained.
  void load(std::size_t index, std::string& line) const {
    const std::uint64_t begin = ends[index];
    line.resize(static_cast<std::size_t>(ends[index + 1] - begin));
    for (std::size_t done = 0; done < line.size();) {
      const auto got = ::pread(file.value(), line.data() + done, line.size() - done, static_cast<off_t>(begin + done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) fail("a temporary file cannot be read back");
      done += static_cast<std::size_t>(got);
    }
    line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  }

  std::filesystem::path folder;
  Descriptor file;
  std::vector<std::uint64_t> ends = {0};  // [rows + 1] byte offsets
  std::string buffer;
  SpoolReader reader{*this};
};

RowSpool::RowSpool(const std::filesystem::path& output) : state_(std::make_unique<State>(output)) {}
RowSpool::RowSpool(RowSpool&&) noexcept = default;
RowSpool& RowSpool::operator=(RowSpool&&) noexcept = default;
RowSpool::~RowSpool() = default;

std::size_t RowSpool::append(const Json& row) {
  return append(std::string_view(row.dump()));
}

std::size_t RowSpool::append(std::string_view row) {
  auto& s = *state_;
  s.buffer += row;
  s.ends.push_back(s.ends.back() + row.size());
  if (s.buffer.size() >= kSpoolBytes) s.drain();
  return size() - 1;
}

std::size_t RowSpool::size() const {
  return state_->ends.size() - 1;
}

void RowSpool::finish() {
  if (!state_->buffer.empty()) state_->drain();
}

std::uint64_t RowSpool::byte_count(std::size_t first, std::size_t count) const {
  return state_->ends[first + count] - state_->ends[first];
}

SpoolReader& RowSpool::reader() {
  finish();
  return state_->reader;
}

std::string_view RowSpool::bytes(std::size_t index) {
  return reader().bytes(index);
}

std::string_view SpoolReader::bytes(std::size_t index) {
  state_->load(index, line_);
  return line_;
}

void SpoolReader::read(std::size_t index, const std::function<void(const RowView&)>& take) {
  state_->load(index, line_);
  const Place place{.file = "row of a temporary file", .line = index + 1};
  simdjson::dom::element element;
  if (const auto code = parser_.parse(line_.data(), line_.size(), false).get(element); code != simdjson::SUCCESS) {
    throw internal_error(std::string("a row read back is broken: ") + simdjson::error_message(code));
  }
  take(RowView(element, place));
}

}  // namespace persona4rec

#include "train/encoder/token_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/parallel.hpp"
#include "base/stop.hpp"
#include "base/utf8.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kTextsAtOnce = 4096;
constexpr std::size_t kTextsOfTask = 64;

}  // namespace

TokenFile::TokenFile(const std::filesystem::path& folder, std::size_t texts, std::shared_ptr<const Tokenizer> tokenizer,
                     std::size_t max_length, std::size_t threads)
    : folder_(folder),
      file_(open_unnamed_file(folder)),
      tokenizer_(std::move(tokenizer)),
      max_length_(max_length),
      threads_(threads),
      ranges_(texts) {}

void TokenFile::add(std::size_t text, std::string&& value) {
  if (const auto bad = find_bad_utf8(value)) {
    throw input_error({}, "text " + std::to_string(text + 1) + " to train on: expected UTF-8, got a bad byte at " +
                              std::to_string(*bad + 1));
  }
  pending_.push_back(text);
  values_.push_back(std::move(value));
  if (values_.size() == kTextsAtOnce) drain();
}

void TokenFile::finish() {
  drain();
}

void TokenFile::drain() {
  throw_if_stopped();
  std::vector<TokenizedText> made(values_.size());
  parallel_ranges(values_.size(), kTextsOfTask, threads_, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) made[i] = tokenizer_->tokenize(values_[i], max_length_);
  });
  std::vector<std::int32_t> ids;
  for (std::size_t i = 0; i < made.size(); ++i) {
    ranges_[pending_[i]] = {.begin = written_ + ids.size(), .count = static_cast<std::uint32_t>(made[i].ids.size())};
    ids.insert(ids.end(), made[i].ids.begin(), made[i].ids.end());
    truncated_ += made[i].truncated ? 1 : 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(std::int32_t));
  if (!write_all(file_.value(), bytes)) fail("a temporary file cannot be written");
  written_ += ids.size();
  pending_.clear();
  values_.clear();
}

TokenizedText TokenFile::tokens(std::size_t text) const {
  const Range& range = ranges_[text];
  TokenizedText out;
  out.ids.resize(range.count);
  auto* to = reinterpret_cast<char*>(out.ids.data());
  const std::size_t size = out.ids.size() * sizeof(std::int32_t);
  for (std::size_t done = 0; done < size;) {
    const auto at = static_cast<off_t>(range.begin * sizeof(std::int32_t) + done);
    const auto got = ::pread(file_.value(), to + done, size - done, at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail("a temporary file cannot be read back");
    done += static_cast<std::size_t>(got);
  }
  return out;
}

void TokenFile::fail(const char* what) const {
  throw output_error(folder_.string(), std::string(what) + ": " + std::strerror(errno));
}

}  // namespace persona4rec

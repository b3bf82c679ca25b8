#include "encoder/store/text_store.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstring>

#include "base/rng.hpp"
#include "base/stop.hpp"
#include "encoder/store/lazy_encoder.hpp"
#include "encoder/store/stored_encoder.hpp"
#include "persona4rec/encoder.hpp"
#include "support/fake_text_encoder.hpp"
#include "support/golden_encoder.hpp"

namespace persona4rec::test {
namespace {

constexpr std::size_t kUnit = 64;         // what headers and blocks are padded to
constexpr std::size_t kBlockHeader = 40;  // bytes

std::vector<TextKey> keys_of(const std::vector<std::string>& texts) {
  std::vector<TextKey> keys;
  for (const auto& text : texts) keys.push_back(text_key("encoder", text));
  return keys;
}

std::vector<float> vector_in(TextStore& store, const std::string& text) {
  const auto found = store.find(text_key("encoder", text));
  std::vector<float> vector(found.vector.size() / sizeof(float));
  if (!vector.empty()) std::memcpy(vector.data(), found.vector.data(), found.vector.size());
  return vector;
}

void append(TextStore& store, const std::vector<std::string>& texts, const std::vector<float>& vectors,
            const std::vector<std::uint8_t>& truncated) {
  store.append({.keys = keys_of(texts), .vectors = vectors, .truncated = truncated});
}

// A store of two blocks: a, b (cut) and c; vectors of two dimensions.
std::string two_blocks(const std::filesystem::path& path) {
  TextStore store(path);
  append(store, {"a", "b"}, {1, 2, 3, 4}, {0, 1});
  append(store, {"c"}, {5, 6}, {0});
  return read_file(path);
}

// Every text is a batch. Stops before text `stop_at`, where that is not 0, as Ctrl+C would.
class FakeBatchEncoder final : public BatchEncoder {
 public:
  explicit FakeBatchEncoder(std::size_t dimensions = 4, const std::string& name = "fake", std::size_t stop_at = 0)
      : fake_(dimensions, name), stop_at_(stop_at) {}
  [[nodiscard]] std::size_t dimensions() const override { return fake_.dimensions(); }
  [[nodiscard]] std::size_t max_length() const override { return 100; }
  [[nodiscard]] std::string fingerprint() const override { return fake_.fingerprint(); }
  [[nodiscard]] Embeddings encode(std::span<const std::string> texts, const ProgressFn& progress) override {
    return fake_.encode(texts, progress);
  }
  void encode_window(const TextWindow& window, const BatchFn& finished) override {
    for (std::size_t member = 0; member < window.rows.size(); ++member) {
      if (window.known[member] != 0) continue;
      if (stop_at_ != 0 && calls().size() == stop_at_) throw Error::from_signal(2);
      const Embeddings one = encode(window.texts.subspan(window.rows[member], 1), {});
      const std::uint8_t truncated = 0;
      finished({.members = std::span(&member, 1), .vectors = one.values, .truncated = std::span(&truncated, 1)});
    }
  }
  [[nodiscard]] const std::vector<std::string>& calls() const { return fake_.calls(); }

 private:
  FakeTextEncoder fake_;
  std::size_t stop_at_;
};

std::unique_ptr<StoredEncoder> stored(std::unique_ptr<BatchEncoder> encoder, const std::filesystem::path& path) {
  return std::make_unique<StoredEncoder>(std::move(encoder), path);
}

TEST(TextStore, KeepsVectorsBetweenRuns) {
  const TempDir dir;
  const auto path = dir / "new/folder/text.store";
  (void)two_blocks(path);
  TextStore store(path);
  EXPECT_EQ(store.size(), 3U);
  EXPECT_EQ(vector_in(store, "a"), (std::vector<float>{1, 2}));
  EXPECT_EQ(vector_in(store, "b"), (std::vector<float>{3, 4}));
  EXPECT_EQ(vector_in(store, "c"), (std::vector<float>{5, 6}));
  EXPECT_FALSE(store.find(text_key("encoder", "a")).truncated);
  EXPECT_TRUE(store.find(text_key("encoder", "b")).truncated);
  EXPECT_TRUE(store.find(text_key("encoder", "d")).vector.empty());
  EXPECT_TRUE(store.find(text_key("another encoder", "a")).vector.empty());
}

// Where and how ever a crash leaves the second block, the first is whole and the second can be written again.
TEST(TextStore, ATornTailIsCutOff) {
  const TempDir dir;
  const std::string whole = two_blocks(dir / "whole");
  ASSERT_EQ(whole.size(), (1 + 2 + 2) * kUnit);
  const std::size_t second = whole.size() - 2 * kUnit;
  const auto expect_cut = [&](const std::string& torn) {
    const auto path = dir.write("torn", torn);
    {
      TextStore store(path);
      ASSERT_EQ(store.size(), 2U);
      EXPECT_EQ(vector_in(store, "b"), (std::vector<float>{3, 4}));
      EXPECT_EQ(std::filesystem::file_size(path), second);
      append(store, {"c"}, {5, 6}, {0});
    }
    EXPECT_EQ(read_file(path), whole);
  };
  for (std::size_t size = second + 1; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    expect_cut(whole.substr(0, size));
    std::string no_header = whole.substr(0, size);  // the content came first
    for (std::size_t i = second; i < std::min(size, second + kBlockHeader); ++i) no_header[i] = '\0';
    expect_cut(no_header);
  }
  std::string no_content = whole;
  no_content.replace(second + kBlockHeader, 2 * kUnit - kBlockHeader, 2 * kUnit - kBlockHeader, '\0');
  expect_cut(no_content);
}

TEST(TextStore, ATornHeaderIsWrittenAnew) {
  const TempDir dir;
  const std::string header = two_blocks(dir / "whole").substr(0, kUnit);
  for (std::size_t size = 0; size < kUnit; ++size) {
    const auto path = dir.write("torn", header.substr(0, size));
    EXPECT_EQ(TextStore(path).size(), 0U);
    EXPECT_EQ(read_file(path), header);
  }
}

TEST(TextStore, DamageInTheMiddleIsAnError) {
  const TempDir dir;
  const std::string whole = two_blocks(dir / "whole");
  const std::size_t second = whole.size() - 2 * kUnit;
  for (std::size_t at = 0; at < second; ++at) {
    if (at >= 8 && at < 12) continue;  // another format's number, see below
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    const auto path = dir.write("damaged", bytes);
    expect_error(ErrorKind::kInput, {"damaged"}, [&] {
      TextStore store(path);
      for (const char* text : {"a", "b"}) (void)vector_in(store, text);
    });
  }
}

TEST(TextStore, RefusesWhatIsNotItsOwn) {
  const TempDir dir;
  (void)two_blocks(dir / "store");
  expect_error(ErrorKind::kInput, {"is not a text store"}, [&] { TextStore store(dir.write("x", "short")); });
  expect_error(ErrorKind::kInput, {"is not a text store"},
               [&] { TextStore store(dir.write("x", "something longer than a header is")); });
  std::string newer = read_file(dir / "store");
  newer[8] = 3;
  expect_error(ErrorKind::kInput, {"format 3", "this program makes format 2", "remove it"},
               [&] { TextStore store(dir.write("x", newer)); });
  expect_error(ErrorKind::kOutput, {"directory"}, [&] { TextStore store(dir.path()); });
}

// A full disk, as a limit on the file's size.
TEST(TextStore, AFailedAppendLeavesTheFileAsItWas) {
  const TempDir dir;
  const std::string before = two_blocks(dir / "store");
  TextStore store(dir / "store");
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{.rlim_cur = before.size() + 30, .rlim_max = old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &limit);
  const auto append_d = [&] { append(store, {"d"}, {7, 8}, {0}); };
  expect_error(ErrorKind::kOutput, {"store", "File too large"}, append_d);
  setrlimit(RLIMIT_FSIZE, &old);
  signal(SIGXFSZ, handler);
  EXPECT_EQ(read_file(dir / "store"), before);
  append_d();
  EXPECT_EQ(vector_in(store, "d"), (std::vector<float>{7, 8}));
}

TEST(TextStore, OneUserAtATime) {
  const TempDir dir;
  const auto path = dir / "store";
  const auto open = [&] { TextStore second(path); };
  {
    const TextStore first(path);
    expect_error(ErrorKind::kOutput, {"store", "in use"}, open);
  }
  EXPECT_NO_THROW(open());
}

TEST(StoredEncoder, EncodesNoTextTwice) {
  const TempDir dir;
  const std::vector<std::string> texts = {"a", "b", "a", "c"};
  auto fake = std::make_unique<FakeBatchEncoder>();
  const FakeBatchEncoder& calls = *fake;
  const FakeTextEncoder plain(4);
  {
    const auto encoder = stored(std::move(fake), dir / "store");
    const Embeddings first = encoder->encode(texts, {});
    EXPECT_EQ(first.counts.texts, 4U);
    EXPECT_EQ(first.counts.encoded, 3U);
    const std::vector<std::string> more = {"c", "d", "b"};
    EXPECT_EQ(encoder->encode(more, {}).counts.encoded, 1U);
    EXPECT_EQ(calls.calls(), (std::vector<std::string>{"a", "b", "c", "d"}));
    for (std::size_t i = 0; i < texts.size(); ++i) expect_near(first.row(i), plain.vector(texts[i]), 0);
  }
  const auto later = stored(std::make_unique<FakeBatchEncoder>(), dir / "store");
  const Embeddings again = later->encode(texts, {});
  EXPECT_EQ(again.counts.encoded, 0U);
  EXPECT_EQ(again.counts.tokens, 0U);
  for (std::size_t i = 0; i < texts.size(); ++i) expect_near(again.row(i), plain.vector(texts[i]), 0);
}

TEST(StoredEncoder, SeveralEncodersShareOneStore) {
  const TempDir dir;
  const std::vector<std::string> texts = {"a"};
  const std::vector<std::pair<std::size_t, std::string>> encoders = {{4, "one"}, {4, "two"}, {6, "three"}};
  for (const std::uint64_t encoded : {1U, 0U}) {
    for (const auto& [dimensions, name] : encoders) {
      const auto encoder = stored(std::make_unique<FakeBatchEncoder>(dimensions, name), dir / "store");
      const Embeddings got = encoder->encode(texts, {});
      EXPECT_EQ(got.counts.encoded, encoded);
      expect_near(got.row(0), FakeTextEncoder(dimensions, name).vector("a"), 0);
    }
  }
}

TEST(StoredEncoder, WhatIsFinishedIsKeptWhenARunIsStopped) {
  const TempDir dir;
  const std::vector<std::string> texts = {"a", "b", "c", "d"};
  expect_error(ErrorKind::kSignal, {"2"}, [&] {
    (void)stored(std::make_unique<FakeBatchEncoder>(4, "fake", 3), dir / "store")->encode(texts, {});
  });
  auto fake = std::make_unique<FakeBatchEncoder>();
  const FakeBatchEncoder& calls = *fake;
  const auto encoder = stored(std::move(fake), dir / "store");
  EXPECT_EQ(encoder->encode(texts, {}).counts.encoded, 1U);
  EXPECT_EQ(calls.calls(), (std::vector<std::string>{"d"}));
}

TEST(StoredEncoder, BatchesAreStoredWhileTheWindowGoesOn) {
  const TempDir dir;
  const std::vector<std::string> texts = {"a", "b", "c", "d"};
  StoredEncoder encoder(std::make_unique<FakeBatchEncoder>(), dir / "store", 0);
  std::vector<std::uintmax_t> sizes;
  (void)encoder.encode(texts,
                       [&](const ProgressUpdate&) { sizes.push_back(std::filesystem::file_size(dir / "store")); });
  ASSERT_EQ(sizes.size(), 5U);  // nothing found, then a batch each
  for (std::size_t i = 1; i < sizes.size(); ++i) EXPECT_EQ(sizes[i] - sizes[i - 1], 2 * kUnit);
}

TEST(StoredEncoder, RemembersWhatWasCut) {
  const TempDir dir;
  const EncoderOptions options{
      .folder = encoder_golden("tiny_bert"), .text_store = dir / "store", .dtype = EncoderDtype::kF32, .max_length = 4};
  const std::vector<std::string> texts = {"the music album", "the music"};
  for (const std::uint64_t encoded : {2U, 0U}) {
    const Embeddings got = open_text_encoder(options)->encode(texts, {});
    EXPECT_EQ(got.counts.encoded, encoded);
    EXPECT_EQ(got.counts.truncated, 1U);
    EXPECT_EQ(got.truncated, (std::vector<std::uint8_t>{1, 0}));
  }
}

// Three windows of texts of many lengths, so that which texts form a batch matters.
std::vector<std::string> window_texts() {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 2 * kWindowTexts + 50; ++i) {
    texts.push_back("text " + std::to_string(i));
    for (std::size_t word = 0; word < i * 7 % 13; ++word) texts.back() += " music";
  }
  return texts;
}

// One thread: progress comes from the calling thread alone, so these tests know where a run stops.
std::unique_ptr<TextEncoder> tiny_encoder(const std::filesystem::path& store) {
  const EncoderOptions options{.folder = encoder_golden("tiny_bert"), .dtype = EncoderDtype::kF32, .threads = 1};
  return std::make_unique<StoredEncoder>(open_computing_encoder(options, OpenedModel(options)), store, 0);
}

// Stopped in the second window, and again in it: what is done is kept by the batch, and in the end the bytes are those
// of an uninterrupted run.
TEST(StoredEncoder, AResumedWindowFormsTheSameBatches) {
  const TempDir dir;
  const auto texts = window_texts();
  const Embeddings expected = tiny_encoder(dir / "whole")->encode(texts, {});
  std::uint64_t kept = 0;
  for (const std::uint64_t more : {100U, 900U}) {
    const auto stop = [&](const ProgressUpdate& update) {
      EXPECT_EQ(update.total, texts.size());
      if (update.done > kWindowTexts + more) request_stop(15);
    };
    expect_error(ErrorKind::kSignal, {"15"}, [&] { (void)tiny_encoder(dir / "torn")->encode(texts, stop); });
    request_stop(0);
    kept = TextStore(dir / "torn").size();
    EXPECT_GT(kept, kWindowTexts + more);
    EXPECT_LT(kept, 2 * kWindowTexts);
  }
  const Embeddings got = tiny_encoder(dir / "torn")->encode(texts, {});
  EXPECT_EQ(got.counts.encoded, texts.size() - kept);
  EXPECT_EQ(got.values, expected.values);
  EXPECT_EQ(
      open_text_encoder({.folder = encoder_golden("tiny_bert"), .dtype = EncoderDtype::kF32})->encode(texts, {}).values,
      expected.values);
}

// The same where some of the window's texts were in the store before the run that was stopped.
TEST(StoredEncoder, AResumedWindowLeavesWhatOtherRunsStored) {
  const TempDir dir;
  auto texts = window_texts();
  texts.resize(1000);
  std::vector<std::string> earlier;
  for (std::size_t i = 0; i < texts.size(); i += 9) earlier.push_back(texts[i]);
  for (const char* store : {"whole", "torn"}) (void)tiny_encoder(dir / store)->encode(earlier, {});
  const Embeddings expected = tiny_encoder(dir / "whole")->encode(texts, {});
  const auto stop = [&](const ProgressUpdate& update) {
    if (update.done > 500) request_stop(15);
  };
  expect_error(ErrorKind::kSignal, {"15"}, [&] { (void)tiny_encoder(dir / "torn")->encode(texts, stop); });
  request_stop(0);
  EXPECT_EQ(tiny_encoder(dir / "torn")->encode(texts, {}).values, expected.values);
}

TEST(TextStore, GarbageIsAnErrorWhateverItSays) {
  const TempDir dir;
  const std::string whole = two_blocks(dir / "whole");
  Rng rng(7);
  for (int turn = 0; turn < 300; ++turn) {
    std::string bytes = whole;
    for (std::uint64_t changes = 1 + rng.below(8); changes > 0; --changes)
      bytes[rng.below(bytes.size())] = static_cast<char>(rng.below(256));
    const auto path = dir.write("garbage", bytes);
    try {
      TextStore store(path);
      for (const char* text : {"a", "b", "c"}) EXPECT_LE(vector_in(store, text).size(), 2U);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kInput) << error.what();
    }
  }
}

// As text_store.cpp does it.
std::uint64_t checksum(const std::string& bytes) {
  std::uint64_t sum = 0xCBF29CE484222325 ^ bytes.size();
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    sum = (sum ^ word) * 0x9E3779B97F4A7C15;
    sum ^= sum >> 32U;
  }
  sum *= 0x9E3779B97F4A7C15;
  return sum ^ (sum >> 29U);
}

// Sizes that overflow when they are multiplied, under a checksum that is right.
TEST(TextStore, SizesThatNoBlockHasAreDamage) {
  const TempDir dir;
  const std::string whole = two_blocks(dir / "whole");
  const auto with_sizes = [&](std::uint32_t texts, std::uint32_t dimensions) {
    std::string bytes = whole;
    std::memcpy(bytes.data() + kUnit + 4, &texts, 4);
    std::memcpy(bytes.data() + kUnit + 8, &dimensions, 4);
    const std::uint64_t sum = checksum(bytes.substr(kUnit, 32));
    std::memcpy(bytes.data() + kUnit + 32, &sum, 8);
    return dir.write("sizes", bytes);
  };
  EXPECT_EQ(TextStore(with_sizes(2, 2)).size(), 3U);
  const std::uint32_t most = 0xFFFFFFFF;
  for (const auto& [texts, dimensions] :
       {std::pair{0U, 2U}, {2U, 0U}, {2U, most}, {most, most}, {0x80000000U, 1U << 31U}})
    expect_error(ErrorKind::kInput, {"sizes: damaged at byte 64"},
                 [&] { TextStore store(with_sizes(texts, dimensions)); });
}

// The first format had vectors of one size in the whole file.
TEST(TextStore, AnOlderFormatIsNamed) {
  const TempDir dir;
  std::string old = two_blocks(dir / "store").substr(0, kUnit);
  old[8] = 1;
  old[12] = 2;
  expect_error(ErrorKind::kInput, {"store: is a text store of format 1", "remove it"},
               [&] { TextStore store(dir.write("store", old)); });
}

}  // namespace
}  // namespace persona4rec::test

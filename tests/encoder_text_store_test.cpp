#include "encoder/text_store.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstring>

#include "base/stop.hpp"
#include "encoder/stored_encoder.hpp"
#include "persona4rec/encoder.hpp"
#include "support/fake_text_encoder.hpp"
#include "support/golden_encoder.hpp"

namespace persona4rec::test {
namespace {

constexpr std::size_t kUnit = 64;         // a header and, padded, each block of two_blocks
constexpr std::size_t kBlockHeader = 24;  // bytes

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

// A store of two blocks: a, b (cut) and c; vectors of two dimensions.
std::string two_blocks(const std::filesystem::path& path) {
  TextStore store(path, 2);
  store.append(keys_of({"a", "b"}), std::vector<float>{1, 2, 3, 4}, std::vector<std::uint8_t>{0, 1});
  store.append(keys_of({"c"}), std::vector<float>{5, 6}, std::vector<std::uint8_t>{0});
  return read_file(path);
}

std::unique_ptr<StoredEncoder> stored(std::unique_ptr<TextEncoder> encoder, const std::filesystem::path& path) {
  return std::make_unique<StoredEncoder>(std::move(encoder), path);
}

TEST(TextStore, KeepsVectorsBetweenRuns) {
  const TempDir dir;
  const auto path = dir / "new/folder/text.store";
  (void)two_blocks(path);
  TextStore store(path, 2);
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
  ASSERT_EQ(whole.size(), 4 * kUnit);
  const std::size_t second = whole.size() - kUnit;
  const auto expect_cut = [&](const std::string& torn) {
    const auto path = dir.write("torn", torn);
    {
      TextStore store(path, 2);
      ASSERT_EQ(store.size(), 2U);
      EXPECT_EQ(vector_in(store, "b"), (std::vector<float>{3, 4}));
      EXPECT_EQ(std::filesystem::file_size(path), second);
      store.append(keys_of({"c"}), std::vector<float>{5, 6}, std::vector<std::uint8_t>{0});
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
  no_content.replace(second + kBlockHeader, kUnit - kBlockHeader, kUnit - kBlockHeader, '\0');
  expect_cut(no_content);
}

TEST(TextStore, ATornHeaderIsWrittenAnew) {
  const TempDir dir;
  const std::string header = two_blocks(dir / "whole").substr(0, kUnit);
  for (std::size_t size = 0; size < kUnit; ++size) {
    const auto path = dir.write("torn", header.substr(0, size));
    EXPECT_EQ(TextStore(path, 2).size(), 0U);
    EXPECT_EQ(read_file(path), header);
  }
}

TEST(TextStore, DamageInTheMiddleIsAnError) {
  const TempDir dir;
  const std::string whole = two_blocks(dir / "whole");
  const std::size_t second = whole.size() - kUnit;
  for (std::size_t at = 0; at < second; ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    const auto path = dir.write("damaged", bytes);
    expect_error(ErrorKind::kInput, {"damaged"}, [&] {
      TextStore store(path, 2);
      for (const char* text : {"a", "b"}) (void)vector_in(store, text);
    });
  }
}

TEST(TextStore, RefusesWhatIsNotItsOwn) {
  const TempDir dir;
  (void)two_blocks(dir / "store");
  expect_error(ErrorKind::kInput, {"store", "vectors of 2 dimensions", "makes 3"},
               [&] { TextStore store(dir / "store", 3); });
  expect_error(ErrorKind::kInput, {"is not a text store"}, [&] { TextStore store(dir.write("x", "short"), 2); });
  expect_error(ErrorKind::kInput, {"is not a text store"},
               [&] { TextStore store(dir.write("x", "something longer than a header is"), 2); });
  std::string newer = read_file(dir / "store");
  newer[8] = 2;
  expect_error(ErrorKind::kInput, {"version 2"}, [&] { TextStore store(dir.write("x", newer), 2); });
  expect_error(ErrorKind::kOutput, {"directory"}, [&] { TextStore store(dir.path(), 2); });
}

// A full disk, as a limit on the file's size.
TEST(TextStore, AFailedAppendLeavesTheFileAsItWas) {
  const TempDir dir;
  const std::string before = two_blocks(dir / "store");
  TextStore store(dir / "store", 2);
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{.rlim_cur = before.size() + 30, .rlim_max = old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &limit);
  const auto append = [&] { store.append(keys_of({"d"}), std::vector<float>{7, 8}, std::vector<std::uint8_t>{0}); };
  expect_error(ErrorKind::kOutput, {"store", "File too large"}, append);
  setrlimit(RLIMIT_FSIZE, &old);
  signal(SIGXFSZ, handler);
  EXPECT_EQ(read_file(dir / "store"), before);
  append();
  EXPECT_EQ(vector_in(store, "d"), (std::vector<float>{7, 8}));
}

TEST(TextStore, OneUserAtATime) {
  const TempDir dir;
  const auto path = dir / "store";
  const auto open = [&] { TextStore second(path, 2); };
  {
    const TextStore first(path, 2);
    expect_error(ErrorKind::kOutput, {"store", "in use"}, open);
  }
  EXPECT_NO_THROW(open());
}

TEST(StoredEncoder, EncodesNoTextTwice) {
  const TempDir dir;
  const std::vector<std::string> texts = {"a", "b", "a", "c"};
  auto fake = std::make_unique<FakeTextEncoder>(4);
  const FakeTextEncoder& calls = *fake;
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
  const auto later = stored(std::make_unique<FakeTextEncoder>(4), dir / "store");
  const Embeddings again = later->encode(texts, {});
  EXPECT_EQ(again.counts.encoded, 0U);
  EXPECT_EQ(again.counts.tokens, 0U);
  for (std::size_t i = 0; i < texts.size(); ++i) expect_near(again.row(i), plain.vector(texts[i]), 0);
}

TEST(StoredEncoder, EncodersDoNotMix) {
  const TempDir dir;
  const std::vector<std::string> texts = {"a"};
  (void)stored(std::make_unique<FakeTextEncoder>(4, "one"), dir / "store")->encode(texts, {});
  const auto two = stored(std::make_unique<FakeTextEncoder>(4, "two"), dir / "store");
  const Embeddings got = two->encode(texts, {});
  EXPECT_EQ(got.counts.encoded, 1U);
  expect_near(got.row(0), FakeTextEncoder(4, "two").vector("a"), 0);
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

// Three windows; a run that is stopped in the second one goes on to the bytes of an uninterrupted run.
TEST(StoredEncoder, AnInterruptedRunEndsWithTheSameBytes) {
  const TempDir dir;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 2 * kWindowTexts + 50; ++i) texts.push_back("text " + std::to_string(i));
  const auto open = [&](const char* store) {
    return open_text_encoder(
        {.folder = encoder_golden("tiny_bert"), .text_store = dir / store, .dtype = EncoderDtype::kF32});
  };
  const Embeddings expected = open("whole")->encode(texts, {});
  const auto stop_in_second = [](const ProgressUpdate& update) {
    EXPECT_EQ(update.total, 2 * kWindowTexts + 50);
    if (update.done > kWindowTexts) request_stop(15);
  };
  expect_error(ErrorKind::kSignal, {"15"}, [&] { (void)open("torn")->encode(texts, stop_in_second); });
  request_stop(0);
  const Embeddings got = open("torn")->encode(texts, {});
  EXPECT_EQ(got.counts.encoded, kWindowTexts + 50);
  EXPECT_EQ(got.values, expected.values);
  EXPECT_EQ(read_file(dir / "torn"), read_file(dir / "whole"));
  EXPECT_EQ(
      open_text_encoder({.folder = encoder_golden("tiny_bert"), .dtype = EncoderDtype::kF32})->encode(texts, {}).values,
      expected.values);
}

}  // namespace
}  // namespace persona4rec::test

#include <gtest/gtest.h>

#include "encoder/tokenizer/tokenizer.hpp"
#include "encoder/tokenizer/unigram.hpp"
#include "encoder/tokenizer/wordpiece.hpp"
#include "support/golden_encoder.hpp"

namespace persona4rec::test {
namespace {

using Ids = std::vector<std::int32_t>;

// [CLS] = 0, [SEP] = 1, [UNK] = 2; words from 3 on.
WordPieceSpec small_spec() {
  return {.vocabulary = {{"[CLS]", 0},
                         {"[SEP]", 1},
                         {"[UNK]", 2},
                         {"love", 3},
                         {"##ly", 4},
                         {"lov", 5},
                         {"##e", 6},
                         {"A", 7},
                         {"a", 8},
                         {"!", 9},
                         {"é", 10},
                         {"##x", 11},
                         {"x", 12}},
          .unknown = 2,
          .frame = {.first = 0, .last = 1}};
}

Ids ids_of(const Tokenizer& tokenizer, std::string_view text, std::size_t max_length = 64) {
  return tokenizer.tokenize(text, max_length).ids;
}

TEST(Tokenizer, MakesTheIdsOfTransformers) {
  const auto tokenizer = open_tokenizer(encoder_golden("tiny_bert"), false);
  const auto& golden = read_encoder_golden();
  ASSERT_GE(golden.texts.size(), 20U);
  for (std::size_t i = 0; i < golden.texts.size(); ++i) {
    EXPECT_EQ(ids_of(*tokenizer, golden.texts[i], golden.max_length), golden.ids[i]) << golden.texts[i];
  }
}

TEST(Tokenizer, TheVocabularyFileAloneMakesTheSame) {
  const TinyBert folder;
  folder.remove("tokenizer.json");
  const auto from_vocabulary = open_tokenizer(folder.path(), false);
  const auto from_json = open_tokenizer(encoder_golden("tiny_bert"), false);
  EXPECT_EQ(from_vocabulary->fingerprint(), from_json->fingerprint());
  const auto& golden = read_encoder_golden();
  for (std::size_t i = 0; i < golden.texts.size(); ++i) {
    EXPECT_EQ(ids_of(*from_vocabulary, golden.texts[i], golden.max_length), golden.ids[i]) << golden.texts[i];
  }
}

TEST(Tokenizer, TruncationAndPaddingBlocksAreIgnored) {
  const TinyBert folder;
  folder.set("tokenizer.json", "truncation",
             {{"max_length", 4}, {"strategy", "LongestFirst"}, {"stride", 0}, {"direction", "Right"}});
  folder.set("tokenizer.json", "padding", {{"strategy", {{"Fixed", 64}}}, {"pad_id", 0}});
  const auto& golden = read_encoder_golden();
  EXPECT_EQ(ids_of(*open_tokenizer(folder.path(), false), golden.texts[0]), golden.ids[0]);
}

TEST(Tokenizer, TheConfigHasTheLastWordOnCasing) {
  const TinyBert folder;
  folder.set("tokenizer_config.json", "do_lower_case", false);
  const auto cased = open_tokenizer(folder.path(), false);
  EXPECT_EQ(ids_of(*cased, "I"), (Ids{2, 1, 3}));  // the vocabulary has "i" alone
  EXPECT_EQ(ids_of(*open_tokenizer(folder.path(), /*lower_case=*/true), "I"),
            ids_of(*open_tokenizer(encoder_golden("tiny_bert"), false), "i"));
  EXPECT_NE(cased->fingerprint(), open_tokenizer(encoder_golden("tiny_bert"), false)->fingerprint());
}

TEST(Tokenizer, UnigramMakesTheIdsOfTransformers) {
  const auto& golden = read_encoder_golden();
  const TinyModel folder("tiny_xlmr");
  for (const char* file : {"tokenizer.json", "sentencepiece.bpe.model"}) {
    SCOPED_TRACE(file);
    const auto tokenizer = open_tokenizer(folder.path(), false);
    for (std::size_t i = 0; i < golden.xlmr_texts.size(); ++i) {
      EXPECT_EQ(ids_of(*tokenizer, golden.xlmr_texts[i], golden.max_length), golden.xlmr_ids[i])
          << golden.xlmr_texts[i];
    }
    folder.remove("tokenizer.json");  // next, from the model file alone
  }
}

// The model's type says nothing: a BERT may come with XLM-R's tokenizer.
TEST(Tokenizer, IsChosenByItsFiles) {
  const TinyModel folder("tiny_xlmr");
  folder.set("config.json", "model_type", "bert");
  EXPECT_EQ(ids_of(*open_tokenizer(folder.path(), false), "the music").front(), 0);  // <s>
}

TEST(Tokenizer, RefusesADamagedUnigram) {
  const TinyModel folder("tiny_xlmr");
  const auto open = [&] { (void)open_tokenizer(folder.path(), false); };
  const std::string whole = read_file(folder / "tokenizer.json");
  const auto refuses = [&](const std::string& pointer, const nlohmann::json& value,
                           const std::vector<std::string>& parts) {
    auto json = nlohmann::json::parse(whole);
    json[nlohmann::json::json_pointer(pointer)] = value;
    folder.write("tokenizer.json", json.dump());
    expect_error(ErrorKind::kInput, parts, open);
  };
  refuses("/model/unk_id", nullptr, {"model.unk_id"});
  refuses("/model/unk_id", 100000, {"model.unk_id"});
  refuses("/model/byte_fallback", true, {"model.byte_fallback"});
  refuses("/model/vocab/4", "piece", {"model.vocab", "pairs"});
  refuses("/normalizer/precompiled_charsmap", "!", {"precompiled_charsmap", "base64"});
  refuses("/normalizer/precompiled_charsmap", "/////w==", {"precompiled_charsmap"});
  refuses("/normalizer/type", "NFKC", {"normalizer.type", "NFKC"});
  refuses("/pre_tokenizer/pretokenizers/1/prepend_scheme", "never", {"Metaspace"});
  expect_error(ErrorKind::kInput, {"do_lower_case"}, [&] {
    folder.write("tokenizer.json", whole);
    (void)open_tokenizer(folder.path(), /*lower_case=*/true);
  });
  folder.remove("tokenizer.json");
  const std::string model = read_file(folder / "sentencepiece.bpe.model");
  folder.write("sentencepiece.bpe.model", model.substr(0, model.size() - 5));
  expect_error(ErrorKind::kInput, {"sentencepiece.bpe.model", "damaged"}, open);
  folder.write("sentencepiece.bpe.model", "version https://git-lfs.github.com/spec/v1\n");
  expect_error(ErrorKind::kInput, {"sentencepiece.bpe.model", "Git LFS pointer"}, open);
}

// Spaces alone divide; runs of them and the end of a text by the normalizer's further steps.
TEST(Unigram, WithoutWordSplittingSpacesCount) {
  UnigramSpec spec{.pieces = {{"<s>", 0}, {"</s>", 0}, {"<unk>", 0}, {"\u2581", -5}, {"\u2581a", -2}, {"b", -2}},
                   .split_words = false,
                   .unknown = 2,
                   .frame = {.first = 0, .last = 1}};
  EXPECT_EQ(ids_of(Unigram(spec, ""), "a  a b "), (Ids{0, 4, 3, 4, 3, 5, 3, 1}));
  spec.double_spaces = " ";
  spec.strip_right = true;
  EXPECT_EQ(ids_of(Unigram(spec, ""), "a   a b "), (Ids{0, 4, 4, 3, 5, 1}));
  EXPECT_EQ(ids_of(Unigram(spec, ""), "xyb zz"), (Ids{0, 3, 2, 5, 3, 2, 1}));  // unknown neighbours are one
  EXPECT_EQ(ids_of(Unigram(spec, ""), ""), (Ids{0, 1}));
}

TEST(Tokenizer, RefusesWhatItCannotRead) {
  const TinyBert folder;
  const auto open = [&] { (void)open_tokenizer(folder.path(), false); };
  folder.write("tokenizer.json", R"({"model": {"type": "BPE"}})");
  expect_error(ErrorKind::kInput, {"tokenizer.json", "model.type", "BPE"}, open);
  folder.write("tokenizer.json", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
  expect_error(ErrorKind::kInput, {"tokenizer.json", "Git LFS pointer"}, open);
  folder.write("tokenizer.json", R"({"model": )");
  expect_error(ErrorKind::kInput, {"tokenizer.json", "JSON object"}, open);
  folder.remove("tokenizer.json");
  folder.write("vocab.txt", "[PAD]\n[CLS]\n[UNK]\n");
  expect_error(ErrorKind::kInput, {"vocab.txt", "[SEP]"}, open);
  folder.write("vocab.txt", "");
  expect_error(ErrorKind::kInput, {"vocab.txt", "empty"}, open);
  folder.write("vocab.txt", "\xff\n");
  expect_error(ErrorKind::kInput, {"vocab.txt", "UTF-8"}, open);
  folder.remove("vocab.txt");
  expect_error(ErrorKind::kInput, {"no tokenizer", "vocab.txt"}, open);
}

TEST(WordPiece, TakesTheLongestPieceAndGivesUpOnTheWholeWord) {
  const WordPiece tokenizer(small_spec());
  EXPECT_EQ(ids_of(tokenizer, "lovely"), (Ids{0, 3, 4, 1}));
  EXPECT_EQ(ids_of(tokenizer, "love lov"), (Ids{0, 3, 5, 1}));
  EXPECT_EQ(ids_of(tokenizer, "lovez a"), (Ids{0, 2, 8, 1}));
  EXPECT_EQ(ids_of(tokenizer, "a!a"), (Ids{0, 8, 9, 8, 1}));
}

TEST(WordPiece, AWordOfMoreThanTheLimitIsUnknown) {
  const WordPiece tokenizer(small_spec());
  const Ids longest = ids_of(tokenizer, std::string(100, 'x'), 200);
  EXPECT_EQ(longest.size(), 102U);
  EXPECT_EQ(ids_of(tokenizer, std::string(101, 'x'), 200), (Ids{0, 2, 1}));
}

TEST(WordPiece, CutsAtTheMaxLengthAndSaysSo) {
  const WordPiece tokenizer(small_spec());
  const auto cut = tokenizer.tokenize("a a a a", 5);
  EXPECT_EQ(cut.ids, (Ids{0, 8, 8, 8, 1}));
  EXPECT_TRUE(cut.truncated);
  EXPECT_FALSE(tokenizer.tokenize("a a a", 5).truncated);
  EXPECT_EQ(ids_of(tokenizer, "a a a", 2), (Ids{0, 1}));
}

TEST(WordPiece, AccentsFollowTheOptions) {
  WordPieceSpec spec = small_spec();
  spec.normalizer.strip_accents = false;
  EXPECT_EQ(ids_of(WordPiece(spec), "É"), (Ids{0, 10, 1}));
  spec.normalizer.lowercase = false;
  EXPECT_EQ(ids_of(WordPiece(spec), "A"), (Ids{0, 7, 1}));
  EXPECT_EQ(ids_of(WordPiece(small_spec()), "A"), (Ids{0, 8, 1}));
}

TEST(AddedTokens, AreFoundLeftmostAndLongest) {
  const AddedTokens tokens({{.content = U"ab", .id = 1}, {.content = U"abc", .id = 2}, {.content = U"c", .id = 3}});
  std::vector<std::int32_t> ids;
  for (const auto& piece : tokens.split(U"xabcabxc")) ids.push_back(piece.id);
  EXPECT_EQ(ids, (Ids{-1, 2, 1, -1, 3}));
}

TEST(AddedTokens, SingleWordsAndStrippedSpace) {
  const AddedTokens single({{.content = U"ab", .id = 1, .single_word = true}});
  EXPECT_EQ(single.split(U"xab abx ab").size(), 2U);
  const AddedTokens mask({{.content = U"<m>", .id = 1, .strip_left = true, .strip_right = true}});
  const auto pieces = mask.split(U"a  <m> \t b");
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[0].text, U"a");
  EXPECT_EQ(pieces[2].text, U"b");
}

TEST(AddedTokens, NormalizedOnesMatchTheNormalizedText) {
  WordPieceSpec spec = small_spec();
  spec.added = {{.content = U"Éx", .id = 20, .normalized = true}, {.content = U"[X]", .id = 21}};
  const WordPiece tokenizer(spec);
  EXPECT_EQ(ids_of(tokenizer, "a ex a"), (Ids{0, 8, 20, 8, 1}));
  EXPECT_EQ(ids_of(tokenizer, "a[X]a"), (Ids{0, 8, 21, 8, 1}));
  EXPECT_EQ(ids_of(tokenizer, "[x]"), (Ids{0, 2, 12, 2, 1}));
  EXPECT_EQ(tokenizer.id_count(), 22U);
}

}  // namespace
}  // namespace persona4rec::test

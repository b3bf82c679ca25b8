// Tokens, stop lists, vocabulary and sparse vectors, against values worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "lexical/sparse.hpp"
#include "lexical/term_array.hpp"
#include "lexical/term_table.hpp"
#include "lexical/vocabulary.hpp"
#include "lexical/word_tokenizer.hpp"
#include "persona4rec/error.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr WordOptions kEveryTerm = {.stop_words = "none", .min_documents = 1, .max_document_share = 1};

template <class Call>
std::string usage_message(Call call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(WordTokenizer, TakesLowerCaseRunsOfTwoOrMoreWordCharacters) {
  const WordTokenizer tokenizer;
  EXPECT_THAT(tokenizer.tokens("A Big-BAND x2 I'm 7 snake_case"), ElementsAre("big", "band", "x2", "snake_case"));
  EXPECT_THAT(tokenizer.tokens("ÉTÉ à Škoda Ω ЖИЗНЬ"), ElementsAre("été", "škoda", "жизнь"));
  EXPECT_THAT(tokenizer.tokens("音楽 好 最高!"), ElementsAre("音楽", "最高"));
  EXPECT_THAT(tokenizer.tokens("हिन्दी"), ElementsAre("हिन्दी")) << "marks belong to the word";
  EXPECT_THAT(tokenizer.tokens(" .,! "), IsEmpty());
  EXPECT_THAT(tokenizer.tokens(""), IsEmpty());
}

TEST(WordTokenizer, ARunOfSeveralAlphabetsIsOneWordHoweverItBegins) {
  const WordTokenizer tokenizer;
  EXPECT_THAT(tokenizer.tokens("pureÉclair9 9LIVES_x\xE2\x84\xAA"), ElementsAre("pureéclair9", "9lives_xk"))
      << "the Kelvin sign is a small k";
  EXPECT_THAT(tokenizer.tokens("one\xC2\xA0two\xE2\x80\x94three X\xE2\x80\x99Y é"), ElementsAre("one", "two", "three"));
  EXPECT_THAT(tokenizer.tokens("tail É"), ElementsAre("tail"));
}

TEST(WordTokenizer, LeavesStopWordsOut) {
  const WordTokenizer tokenizer(StopWords::resolve("english"));
  EXPECT_THAT(tokenizer.tokens("The drums and the Guitar don't stop"), ElementsAre("drums", "guitar", "stop"));
  EXPECT_THAT(WordTokenizer(StopWords::resolve("none")).tokens("The drums"), ElementsAre("the", "drums"));
}

TEST(StopWords, ReadsAListOfTheUsersOwn) {
  const test::TempDir dir;
  const auto path = dir.write("words.txt", "# French\nle\n  LA \n\nété\r\n");
  const auto words = StopWords::resolve(path.string());
  EXPECT_EQ(words.size(), 3U);
  EXPECT_TRUE(words.contains("le") && words.contains("la") && words.contains("été"));
  EXPECT_FALSE(words.contains("# french"));
  EXPECT_EQ(words.sha256(), StopWords({"été", "la", "le"}).sha256()) << "the order of the list does not matter";
  EXPECT_NE(words.sha256(), StopWords({"la", "le"}).sha256());
}

TEST(StopWords, SaysWhatItDoesNotKnow) {
  EXPECT_THAT(usage_message([] { (void)StopWords::resolve("klingon"); }), HasSubstr("klingon"));
  EXPECT_THAT(usage_message([] { (void)StopWords::resolve("klingon"); }), HasSubstr("english"));
  const test::TempDir dir;
  EXPECT_THAT(usage_message([&] { (void)StopWords::resolve(dir.path().string()); }), HasSubstr(dir.path().string()));
  const auto bad = dir.write("bad.txt", "ok\n\xff\n");
  EXPECT_THAT(usage_message([&] { (void)StopWords::resolve(bad.string()); }), HasSubstr("bad.txt:2"));
}

TEST(TermTable, NumbersTermsInFirstSeenOrder) {
  TermTable table;
  table.fetch("a");  // of a table without a place to look at
  EXPECT_FALSE(table.find("a").has_value());
  for (std::uint32_t i = 0; i < 1000; ++i) ASSERT_EQ(table.intern("term" + std::to_string(i)), i);
  for (std::uint32_t i = 0; i < 1000; ++i) ASSERT_EQ(table.intern("term" + std::to_string(i)), i);
  EXPECT_EQ(table.size(), 1000U);
  EXPECT_EQ(table.term(517), "term517");
  EXPECT_EQ(table.find("term999"), 999U);
  EXPECT_FALSE(table.find("term1000").has_value());
  EXPECT_EQ(table.intern(""), 1000U);
  EXPECT_EQ(table.find(""), 1000U);
}

TEST(TermTable, KeepsItsNumbersWhereRoomIsMadeAhead) {
  TermTable table;
  table.intern("first");
  table.reserve(5000);
  for (std::uint32_t i = 1; i < 6000; ++i) ASSERT_EQ(table.intern("term" + std::to_string(i)), i);
  EXPECT_EQ(table.find("first"), 0U);
  EXPECT_EQ(table.find("term5999"), 5999U);
}

TEST(Vocabulary, CountsTermsInEnoughAndNotTooManyDocuments) {
  VocabularyBuilder builder{WordTokenizer()};
  for (const char* text : {"rock rock pop", "rock jazz", "rock jazz", "rock soul", "rock jazz jazz", "rock", "rock",
                           "rock soul", "rock", "rock"}) {
    builder.add(text);
  }
  const Vocabulary words = builder.build({.min_documents = 2, .max_document_share = 0.3});
  ASSERT_EQ(words.size(), 2U) << "rock is in all, pop in one";
  EXPECT_EQ(words.term(0), "jazz") << "byte order";
  EXPECT_EQ(words.term(1), "soul");
  EXPECT_EQ(words.document_frequency(0), 3U) << "exactly 30 % still counts";
  EXPECT_DOUBLE_EQ(words.idf(0), std::log(11.0 / 4.0) + 1);
  EXPECT_DOUBLE_EQ(words.idf(1), std::log(11.0 / 3.0) + 1);
  EXPECT_EQ(words.documents(), 10U);
  EXPECT_EQ(words.find("soul"), 1U);
  EXPECT_FALSE(words.find("rock").has_value());
}

TEST(Vocabulary, WeighsTermsByTheFormulaAtUnitLength) {
  VocabularyBuilder builder{WordTokenizer()};
  builder.add("jazz soul");
  builder.add("jazz");
  const Vocabulary words = builder.build(kEveryTerm);
  const double jazz = (1 + std::log(3.0)) * 1.0;  // df = N: ln 1 + 1
  const double soul = (1 + std::log(1.0)) * (std::log(1.5) + 1);
  const double length = std::hypot(jazz, soul);
  const SparseVector x = words.vector("soul jazz JAZZ, jazz and nothing else");
  ASSERT_THAT(x.terms, ElementsAre(0U, 1U));
  EXPECT_NEAR(x.weights[0], jazz / length, 1e-7);
  EXPECT_NEAR(x.weights[1], soul / length, 1e-7);
  EXPECT_TRUE(words.vector("nothing known").empty());
}

TEST(Vocabulary, RefusesOptionsOutOfRange) {
  VocabularyBuilder builder{WordTokenizer()};
  builder.add("a few words");
  for (const WordOptions& bad : {WordOptions{.min_documents = 0}, WordOptions{.max_document_share = 0},
                                 WordOptions{.max_document_share = 1.5}, WordOptions{.max_document_share = NAN}}) {
    EXPECT_NE(usage_message([&] { (void)builder.build(bad); }), "");
  }
}

TEST(Vocabulary, DescribesItsOptionsWithoutPaths) {
  EXPECT_EQ(to_json(WordOptions{}).dump(), R"({"stop_words":"english","min_documents":2,"max_document_share":0.3})");
  const test::TempDir dir;
  const auto path = dir.write("words.txt", "le\n");
  EXPECT_EQ(to_json(WordOptions{.stop_words = path.string()})["stop_words"], "sha256:" + StopWords({"le"}).sha256());
}

TEST(TermCorpus, FitsLikeTheBuilderAndLeavesHeldOutDocumentsOut) {
  const std::vector<std::string> texts = {"red blue", "blue green", "green red red", "red", "violet violet"};
  const std::vector<std::uint8_t> held_out = {0, 0, 0, 1, 1};
  TermCorpus corpus{WordTokenizer()};
  VocabularyBuilder builder{WordTokenizer()};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(corpus.add(texts[i]), i);
    if (held_out[i] == 0) builder.add(texts[i]);
  }
  const Vocabulary fitted = corpus.fit(kEveryTerm, held_out);
  const Vocabulary built = builder.build(kEveryTerm);
  ASSERT_EQ(fitted.size(), 3U) << "violet stands in a held-out document alone";
  EXPECT_EQ(fitted.documents(), 3U);
  for (std::uint32_t term = 0; term < fitted.size(); ++term) {
    EXPECT_EQ(fitted.term(term), built.term(term));
    EXPECT_EQ(fitted.document_frequency(term), built.document_frequency(term));
    EXPECT_EQ(fitted.idf(term), built.idf(term));
  }
  const SparseMatrix rows = corpus.vectors(fitted);
  ASSERT_EQ(rows.rows(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const SparseVector expected = built.vector(texts[i]);
    EXPECT_TRUE(std::ranges::equal(rows.row(i).terms, expected.terms));
    EXPECT_TRUE(std::ranges::equal(rows.row(i).weights, expected.weights));
  }
  EXPECT_TRUE(rows.row(4).empty());
}

TEST(TermCounts, NumbersOfAnySizeComeBack) {
  constexpr auto kLast = std::numeric_limits<std::uint32_t>::max();
  const std::vector<std::vector<TermCount>> documents = {
      {{0, 1}, {1, 2}, {63, 1}, {64, 127}, {128, 128}, {8191, 1}, {16384, kLast}},
      {},
      {{kLast, 1}},
      {{0, kLast}, {kLast, kLast}},
      {{5, 1}}};
  TermCounts counts;
  for (const auto& document : documents) counts.append(document);
  ASSERT_EQ(counts.size(), documents.size());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    std::vector<TermCount> read = {{7, 7}};  // what is there stays
    counts.read(i, read);
    EXPECT_EQ(read.front(), (TermCount{7, 7}));
    read.erase(read.begin());
    EXPECT_EQ(read, documents[i]) << i;
  }
}

// Counts lie in blocks that grow: the documents at their edges, empty ones and one longer than a block among them.
TEST(TermCorpus, DocumentsOfAllSizesComeBackAsTheyWere) {
  TermCorpus corpus{WordTokenizer()};
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 600; ++i) {
    std::string text;
    for (std::size_t word = 0; word < (i == 300 ? 5000 : i % 7 * 3); ++word) {
      text += "w" + std::to_string(word * (i + 1) % 997 + (i == 300 ? word : 0)) + " ";
    }
    corpus.add(text);
    texts.push_back(std::move(text));
  }
  const CorpusVectors rows(corpus, corpus.fit(kEveryTerm));
  ASSERT_EQ(rows.rows(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(rows.row(i), rows.vocabulary().vector(texts[i])) << i;
  EXPECT_GT(rows.row(300).size(), 3000U);
}

TEST(TermCorpus, MergesDocumentsIntoGroups) {
  const std::vector<std::string> texts = {"red blue", "blue green", "red", "violet"};
  const std::vector<std::uint32_t> group = {2, 0, 2, 0};
  const std::vector<std::uint8_t> held_out = {0, 0, 0, 1};
  TermCorpus corpus{WordTokenizer()};
  for (const auto& text : texts) corpus.add(text);
  TermCorpus joined{WordTokenizer()};
  for (const char* text : {"blue green", "", "red blue red"}) joined.add(text);
  const TermCorpus merged = corpus.merged(group, 3, held_out);
  ASSERT_EQ(merged.size(), 3U);
  const Vocabulary words = joined.fit(kEveryTerm);
  const SparseMatrix got = merged.vectors(words);
  const SparseMatrix expected = joined.vectors(words);
  EXPECT_TRUE(std::ranges::equal(got.row_begin(), expected.row_begin()));
  EXPECT_TRUE(std::ranges::equal(got.terms(), expected.terms()));
  EXPECT_TRUE(std::ranges::equal(got.weights(), expected.weights()));
  EXPECT_EQ(merged.fit(kEveryTerm).size(), 3U);
}

TEST(Sparse, MultipliesWhatBothHold) {
  const SparseVector a{{1, 4, 7}, {1.0F, 2.0F, 3.0F}};
  const SparseVector b{{0, 4, 5, 7, 9}, {9.0F, 0.5F, 9.0F, -1.0F, 9.0F}};
  EXPECT_DOUBLE_EQ(dot(a, b), -2.0);
  EXPECT_DOUBLE_EQ(dot(b, a), -2.0);
  EXPECT_DOUBLE_EQ(dot(a, SparseVector{}), 0.0);
  EXPECT_DOUBLE_EQ(norm(a), std::sqrt(14.0));
}

TEST(Sparse, AVectorLaidOutByTermGivesTheSameDots) {
  const SparseVector a{{1, 4, 7}, {1.1F, 2.3F, 3.7F}};
  const SparseVector b{{0, 4, 5, 7, 9}, {9.0F, 0.3F, 9.0F, -1.9F, 9.0F}};
  TermArray laid_out(10);
  laid_out.assign(b);
  EXPECT_EQ(laid_out.dot(a), dot(a, b)) << "to the bit";
  laid_out.assign(a);
  EXPECT_EQ(laid_out.dot(b), dot(a, b));
  EXPECT_EQ(laid_out.dot(SparseVector{{0, 5, 9}, {1.0F, 1.0F, 1.0F}}), 0.0) << "nothing is left of the vector before";
}

TEST(Sparse, BringsVectorsToUnitLength) {
  EXPECT_EQ(unit(SparseVector{{2, 3}, {3.0F, -4.0F}}), (SparseVector{{2, 3}, {0.6F, -0.8F}}));
  EXPECT_TRUE(unit(SparseVector{}).empty());
  EXPECT_TRUE(unit(SparseVector{{2}, {0.0F}}).empty()) << "no length, no direction";
}

TEST(Sparse, KeepsTheHeaviestTerms) {
  const SparseVector x{{1, 2, 5, 6, 8}, {0.5F, 0.7F, 0.5F, 0.9F, 0.5F}};
  EXPECT_THAT(heaviest(x, 4), ElementsAre(3U, 1U, 0U, 2U)) << "ties by the lower term";
  EXPECT_EQ(keep_heaviest(x, 3), (SparseVector{{1, 2, 6}, {0.5F, 0.7F, 0.9F}}));
  EXPECT_EQ(keep_heaviest(x, 9), x);
  EXPECT_TRUE(keep_heaviest(x, 0).empty());
}

TEST(SparseSum, TheSumOfAFewVectorsHasTheBitsOfABuffersSum) {
  const SparseVector a{{1, 4, 9}, {0.1F, 0.7F, -0.3F}};
  const SparseVector b{{0, 4, 8}, {0.3F, 0.2F, 0.9F}};
  const SparseVector c{{4, 9}, {1.0F / 3.0F, 0.3F}};
  SparseSum sum(10);
  sum.add(a);
  sum.add(b, 0.65);
  sum.add(c, 1.0);
  const std::vector<WeightedView> few{{a, 1.0}, {b, 0.65}, {c, 1.0}};
  const auto expected = sum.take();
  EXPECT_EQ(weighted_sum(few), expected);
  EXPECT_EQ(expected.terms, (std::vector<std::uint32_t>{0, 1, 4, 8})) << "the weights of 9 cancel out";
  EXPECT_TRUE(weighted_sum({}).empty());
}

TEST(Sparse, SumsWithFactorsAndStartsAfresh) {
  SparseSum sum(10);
  EXPECT_TRUE(sum.empty());
  sum.add(SparseVector{{7, 9}, {1.0F, 2.0F}}, 0.5);
  sum.add(SparseVector{{0, 9}, {4.0F, -1.0F}});
  EXPECT_EQ(sum.take(), (SparseVector{{0, 7}, {4.0F, 0.5F}})) << "what cancels out is left out";
  EXPECT_TRUE(sum.empty());
  sum.add(SparseVector{{7}, {1.0F}});
  EXPECT_EQ(sum.take(), (SparseVector{{7}, {1.0F}}));
}

TEST(Sparse, SumsOfManyTermsComeInOrderToo) {
  SparseSum sum(40);
  std::vector<std::uint32_t> expected;
  for (std::uint32_t i = 0; i < 30; ++i) sum.add(SparseVector{{39 - i}, {1.0F}});
  for (std::uint32_t term = 10; term < 40; ++term) expected.push_back(term);
  EXPECT_EQ(sum.take().terms, expected);
  sum.add(SparseVector{{39}, {1.0F}});
  EXPECT_EQ(sum.take(), (SparseVector{{39}, {1.0F}}));
}

TEST(Sparse, SumsOverManyTermsComeInOrderHoweverManyAreInThem) {
  constexpr std::uint32_t kTerms = 1U << 20U;
  SparseSum sum(kTerms);
  for (const std::uint32_t step : {kTerms / 3, 129U, 1U}) {  // sorted, found, all
    std::vector<std::uint32_t> expected;
    for (std::uint32_t term = kTerms - 1; term >= step; term -= step) {
      sum.add(SparseVector{{term}, {1.0F}});
      expected.push_back(term);
    }
    std::ranges::reverse(expected);
    EXPECT_EQ(sum.take().terms, expected);
  }
}

TEST(SparseMatrix, KeepsRowsAndChecksItsParts) {
  SparseMatrix matrix;
  matrix.append(SparseVector{{1, 3}, {0.1F, 0.3F}});
  matrix.append(SparseVector{});
  matrix.append(SparseVector{{0}, {1.0F}});
  ASSERT_EQ(matrix.rows(), 3U);
  EXPECT_THAT(matrix.row(0).terms, ElementsAre(1U, 3U));
  EXPECT_TRUE(matrix.row(1).empty());
  EXPECT_THAT(matrix.row(2).weights, ElementsAre(1.0F));
  const SparseMatrix copy({0, 2, 2, 3}, {1, 3, 0}, {0.1F, 0.3F, 1.0F});
  EXPECT_TRUE(std::ranges::equal(copy.row(2).terms, matrix.row(2).terms));
  EXPECT_THROW(SparseMatrix({0, 2}, {1}, {1.0F}), Error);
  EXPECT_THROW(SparseMatrix({0, 1}, {1}, {}), Error);
  EXPECT_THROW(SparseMatrix({0, 2, 1}, {1}, {1.0F}), Error);
  EXPECT_THROW(SparseMatrix({}, {}, {}), Error);
}

}  // namespace
}  // namespace persona4rec

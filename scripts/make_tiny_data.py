#!/usr/bin/env python3
"""Writes data/tiny: an invented shop for board games, small enough to read and real enough to rank.

    scripts/make_tiny_data.py [FOLDER]        default: data/tiny beside this script's folder

Sixty made-up people review forty made-up games. Each person belongs to one of six taste groups, leans a little towards
a second one and has a pet peeve; each game has ten attributes and some flaws. A rating follows from the fit between the
two, and the text names the attributes that made it so, in wording drawn from many templates. So tastes can be found in
the texts, minority opinions exist, and the same game is liked and disliked for reasons.

The output is a function of this file alone (a fixed seed, no library randomness beyond random.random()): the committed
files equal what it writes, and a test checks that. Standard library only.
"""

import hashlib
import json
import os
import random
import sys

SEED = 20240607
USERS = 60
REVIEWS = 600
DAY = 86400
START = 1609459200  # 2021-01-01 00:00:00 UTC
DAYS = 900
EMPTY_TEXTS = 9
LIST_LENGTH = 20

# Attributes of a game, each from -1 to 1.
ATTRIBUTES = ("depth", "luck", "conflict", "coop", "talk", "theme", "solo", "kids", "length", "looks")

# Taste groups: what counts for whom.
GROUPS = {
    "planner": dict(depth=1.0, luck=-0.8, talk=-0.3, length=0.4, kids=-0.2, coop=-0.2),
    "host": dict(talk=1.0, depth=-0.6, length=-0.6, luck=0.2, solo=-0.3),
    "parent": dict(kids=1.0, looks=0.5, conflict=-0.6, length=-0.5, depth=-0.2),
    "loner": dict(solo=1.0, coop=0.6, theme=0.5, talk=-0.4, depth=0.2),
    "duellist": dict(conflict=1.0, luck=-0.5, length=-0.4, coop=-0.6, theme=-0.3, depth=0.3),
    "dreamer": dict(theme=1.0, looks=0.7, length=0.3, luck=0.2, conflict=-0.1),
}

# Where and with whom a group plays.
OCCASIONS = {
    "planner": ("with my Thursday strategy group", "at our four-player optimisation nights", "with two engineers from work",
                "in a league of very patient people", "with my brother, who counts everything"),
    "host": ("at a birthday with nine guests", "after dinner with neighbours", "with people who never play games",
             "at the office Christmas party", "with a loud table of old schoolfriends"),
    "parent": ("with my seven-year-old", "with the twins on a rainy Sunday", "with three generations at one table",
               "with my daughter and her friends", "at our family holiday by the lake"),
    "loner": ("alone at the kitchen table", "on my own after a night shift", "solo, with a pot of coffee",
              "by myself over one long winter", "alone, two evenings a week"),
    "duellist": ("head to head with my partner", "as best of five against my flatmate", "in our two-player club",
                 "against the same rival for years", "one on one in the lunch break"),
    "dreamer": ("with my role-playing group", "by candlelight with friends", "as an evening of storytelling",
                "with a playlist of film music", "with people who do voices"),
}

# Why a rating is what it is: per attribute, and whether the game has much (+) or little (-) of it; the first list is
# said by those who like that, the second by those who do not. {o} is the occasion.
REASONS = {
    ("depth", 1): (
        ["Every turn is a knot of trade-offs and I love untying it.", "Deep strategy: after ten plays I still find new openings.",
         "You plan four turns ahead and the plan matters.", "A proper brain-burner that rewards studying it."],
        ["Far too heavy, my guests were lost after the second rule.", "It felt like doing taxes with cardboard.",
         "So many rules that nobody relaxed.", "Analysis paralysis at every turn."]),
    ("depth", -1): (
        ["You explain it in three minutes and everybody is in.", "Light and easy, exactly what a mixed table needs.",
         "No rules lawyers needed.", "Simple enough that nobody asks whose turn it is."],
        ["There is no strategy to discover, the turns play themselves.", "Too shallow: one obvious move each turn.",
         "I was done thinking after the first game.", "Solved it in an evening."]),
    ("luck", 1): (
        ["The dice make the underdog win now and then, which keeps it cheerful.", "Wild swings of fortune, everybody on their feet.",
         "Lucky draws level the field between old hands and beginners."],
        ["Dice decide, not decisions.", "Random card draws ruin every plan.", "I lost to pure luck three times in a row.",
         "Hours of planning undone by a single roll."]),
    ("luck", -1): (
        ["No dice, no excuses: open information and your own mistakes.", "Almost no luck, the better player wins.",
         "Deterministic to the bone, as it should be."],
        ["Without any luck the expert wins every time, and beginners give up.", "A bit dry, nothing ever surprises you."]),
    ("conflict", 1): (
        ["Mean in the best way, you block, steal and feint.", "Direct confrontation from the first move.",
         "A knife fight in a telephone box.", "Attack, counter, bluff: a real duel."],
        ["Too much take-that, there were tears.", "You spend the game destroying what others built.",
         "So nasty that nobody wanted a second round."]),
    ("conflict", -1): (
        ["Peaceful: everybody builds their own thing and nobody is attacked.", "No fighting, no elimination, no tears.",
         "A friendly game, even losing felt fine."],
        ["Multiplayer solitaire, you cannot touch each other.", "No interaction, so I might as well play alone.",
         "Where is the duel? You just wave at each other."]),
    ("coop", 1): (
        ["Winning together against the game feels wonderful.", "Truly cooperative, every role is needed.",
         "We lose as a team and set it up again at once."],
        ["One bossy player runs the whole team.", "Cooperative games bore me, I want an opponent.",
         "There is no rival here, only upkeep."]),
    ("talk", 1): (
        ["We laughed until the neighbours knocked.", "All about talking, guessing and pleading.",
         "The whole room shouted, including the shy ones.", "Brings out inside jokes that last for weeks."],
        ["Loud and silly, I could not hear myself think.", "Needs a chatty crowd and falls flat without one.",
         "It is all chatter and hardly a game."]),
    ("talk", -1): (
        ["Quiet and concentrated, hardly a word for an hour.", "A calm game for people who like silence."],
        ["Everybody stares at the board in silence, the party died.", "No talking, no laughing, just frowning."]),
    ("theme", 1): (
        ["The story carries you away, we still talk about that last scene.", "Dripping with atmosphere, each card adds to the tale.",
         "You live in that world for an evening.", "Rich narrative with endings that sting."],
        ["Paragraphs of flavour text between me and the game.", "All story, the rules underneath are thin.",
         "The theme does the work that mechanisms should do."]),
    ("theme", -1): (
        ["Pure and abstract, the lines on the board are all you need.", "No paint on it, just clean geometry."],
        ["The theme is pasted on, it might as well be about tax forms.", "No story at all, I felt nothing.",
         "Cubes turn into points, nobody dreams about that."]),
    ("solo", 1): (
        ["The solitaire mode is not an afterthought, the automated rival is clever.", "One of the best games to play alone.",
         "I set it up for one and lose myself in it."],
        ["Really a one-player puzzle, the others just watched.", "Everybody plays for themselves at the same table."]),
    ("solo", -1): (
        ["It needs a full table, and a full table it deserves."],
        ["No way to play it alone, so it gathers dust.", "No solo rules, which the box does not tell you.",
         "Without five friends it is a box of nothing."]),
    ("kids", 1): (
        ["The children ask for it every single day.", "My youngest beat us all and beamed.",
         "Little hands, short turns, big smiles.", "Children and grandparents play it on equal terms."],
        ["A children's game with a grown-up price.", "Fine for kids, grown-ups fall asleep.",
         "Cute, but there is nothing in it for adults."]),
    ("kids", -1): (
        ["Finally a game that does not talk down to adults."],
        ["Hopeless with children, too much text and too many symbols.", "The age on the box is a joke, my son was in tears.",
         "Not for families, whatever the shop says."]),
    ("length", 1): (
        ["It fills a whole evening and earns every minute of it.", "Long, with an arc from first settlement to last stand."],
        ["Three hours, and we could have stopped after one.", "It overstays its welcome by far.",
         "Nobody had the patience to finish."]),
    ("length", -1): (
        ["Twenty minutes, and then again, and again.", "Quick enough for one more round, always.",
         "Over before anyone looks at a phone."],
        ["Ends just when it gets interesting.", "Too short to get attached to anything."]),
    ("looks", 1): (
        ["Gorgeous: painted wood, thick cards, a box you want to leave open.", "The artwork alone made us buy it, no regrets.",
         "Lovely pieces that you keep touching."],
        ["Pretty pieces hide a dull game.", "Half the price went into plastic that nobody needed."]),
    ("looks", -1): (
        ["Plain to look at, and I do not mind, the play is what counts."],
        ["Ugly as a spreadsheet, thin cards, grey on beige.", "Looks like a prototype from the nineties."]),
}

# Flaws, and what people say whose peeve they are.
FLAWS = {
    "downtime": ["I waited ten minutes between my turns.", "The downtime with four is unbearable."],
    "rulebook": ["The rulebook contradicts itself, we had to search forums.", "Whoever wrote that rulebook never taught anyone a game."],
    "colours": ["I am colour-blind and cannot tell the green from the brown.", "Red and orange look the same under my lamp."],
    "setup": ["Half an hour of sorting tokens before anyone plays.", "Setting it up takes longer than playing it."],
    "box": ["The box is enormous and mostly air.", "It does not fit on any shelf I own."],
    "thin cards": ["The cards were bent after one evening.", "Cards this thin need sleeves from day one."],
}

# id, title, designer, line about it, attributes, details, flaws
GAMES = [
    ("Barge & Balance", "Ilse Vandermolen", "Load river barges, bid for locks and ship grain down a canal that silts up as you play.",
     dict(depth=0.9, luck=-0.8, length=0.6, talk=-0.5, theme=-0.3, kids=-0.8, looks=-0.4, solo=-0.2),
     ["the lock auctions", "the silting canal", "the grain contracts", "the barge ballast table"], ["downtime"]),
    ("Cogwright's Ledger", "Tomas Aldric", "Run a clockmaker's workshop: a tight worker-placement game about gears, debt and deadlines.",
     dict(depth=1.0, luck=-0.7, length=0.8, talk=-0.6, solo=0.5, kids=-0.9, looks=-0.2),
     ["the debt track", "the gear assembly board", "the apprentice placement", "the quarterly audits"], ["rulebook", "setup"]),
    ("Terrace Kingdoms", "Mei-Lin Castro", "Terrace a mountainside for rice and water; every field you flood is a field your neighbour wants.",
     dict(depth=0.7, luck=-0.5, conflict=0.3, length=0.3, looks=0.5, theme=0.1, kids=-0.3),
     ["the flooded terraces", "the water rights", "the harvest scoring", "the wooden oxen"], ["colours"]),
    ("Meridian Trust", "Ilse Vandermolen", "Stocks, tramways and a city that grows by vote. Brutal, open, without a single die.",
     dict(depth=1.0, luck=-1.0, conflict=0.6, length=1.0, theme=-0.6, kids=-1.0, looks=-0.8, talk=-0.1),
     ["the tramway shares", "the dividend round", "the hostile takeover", "the city council vote"], ["downtime", "box"]),
    ("Salt Assembly", "Jonas Okafor", "Breed yeast, trade brine and ferment your way to a market that changes every season.",
     dict(depth=0.7, luck=-0.3, length=0.2, solo=0.4, talk=-0.3, kids=-0.5, looks=0.1),
     ["the fermentation wheel", "the brine market", "the season tiles", "the spoilage rule"], ["setup"]),
    ("Vineyard of Numbers", "Tomas Aldric", "A quiet engine of grapes and barrels in which each action makes the next one cheaper.",
     dict(depth=0.8, luck=-0.4, conflict=-0.7, solo=0.7, length=0.3, talk=-0.7, looks=0.3, kids=-0.5),
     ["the barrel engine", "the pruning deck", "the cellar chain", "the vintage bonus"], []),
    ("Lighthouse Letters", "Rosa Pihl", "Two keepers write letters by lamp signals. Clues, misreadings and very bad poetry.",
     dict(talk=0.8, depth=-0.4, coop=0.7, luck=-0.1, length=-0.6, looks=0.4, kids=0.2, solo=-0.6),
     ["the lamp signals", "the bad poetry", "the torn envelopes", "the double meanings"], []),
    ("Who Ate the Cake?", "Ben Achterberg", "A party game of alibis in which everybody lies and one of you has crumbs on the chin.",
     dict(talk=1.0, depth=-0.8, length=-0.8, luck=0.2, solo=-1.0, kids=0.3, conflict=0.2),
     ["the alibi round", "the crumbs card", "the false confessions", "the one-minute trial"], ["thin cards"]),
    ("Karaoke Kraken", "Ben Achterberg", "Hum, mime and gurgle songs from under the sea before the kraken rises.",
     dict(talk=1.0, depth=-1.0, length=-0.7, luck=0.4, solo=-1.0, kids=0.5, looks=0.3),
     ["the humming cards", "the gurgle rule", "the rising kraken", "the sea shanty duet"], []),
    ("Small Talk, Big Lies", "Anaïs Dufour", "Tell two truths and a lie about your week while the others bet on which is which.",
     dict(talk=1.0, depth=-0.5, length=-0.4, conflict=0.2, solo=-1.0, kids=-0.4, looks=-0.2),
     ["the betting chips", "the two truths", "the poker faces", "the week cards"], []),
    ("Doodle Embassy", "Anaïs Dufour", "Draw treaties without words for diplomats who see only half of the page.",
     dict(talk=0.8, depth=-0.6, luck=0.1, length=-0.5, kids=0.5, looks=0.2, solo=-0.9),
     ["the half-page drawings", "the silent treaties", "the ambassador stamps", "the ridiculous flags"], ["thin cards"]),
    ("The Loudest Librarian", "Rosa Pihl", "Whisper titles, shout answers: a word game for a crowded room.",
     dict(talk=0.9, depth=-0.7, length=-0.7, luck=0.1, solo=-0.9, kids=0.1, looks=-0.1),
     ["the whisper round", "the book titles", "the shush bell", "the overdue cards"], []),
    ("Acorn Express", "Nils Sjöberg", "Squirrels deliver acorns by toy train. For families with children from five.",
     dict(kids=1.0, depth=-0.7, luck=0.4, conflict=-0.8, length=-0.7, looks=0.9, theme=0.3),
     ["the wooden squirrels", "the toy train", "the acorn tunnel", "the sleepy owl tile"], []),
    ("Moth & Lantern", "Nils Sjöberg", "Guide moths around a garden of lanterns in this gentle memory game.",
     dict(kids=0.9, depth=-0.5, conflict=-0.9, coop=0.6, length=-0.8, looks=0.9, luck=0.1, solo=0.1),
     ["the paper lanterns", "the moth tokens", "the garden memory", "the night breeze"], []),
    ("Pancake Harbour", "Greta Lindqvist", "Stack pancakes on tiny ships and try not to sink breakfast. A game of steady hands.",
     dict(kids=1.0, depth=-0.8, luck=0.2, talk=0.4, length=-0.8, looks=0.6, conflict=-0.3),
     ["the wobbling pancakes", "the tiny ships", "the syrup penalty", "the balancing captain"], ["box"]),
    ("Otter Post", "Greta Lindqvist", "Otters carry parcels down a river of tiles; the youngest player decides where it bends.",
     dict(kids=0.8, depth=-0.3, conflict=-0.6, luck=0.2, length=-0.5, looks=0.8, theme=0.2),
     ["the wooden otters", "the bending river", "the parcel tiles", "the youngest-player rule"], []),
    ("Snail Grand Prix", "Ben Achterberg", "The slowest race in the world, with betting and magnetic snails.",
     dict(kids=0.8, luck=0.8, depth=-0.7, length=-0.5, talk=0.5, looks=0.7, conflict=-0.1),
     ["the magnetic snails", "the slow-motion betting", "the lettuce boost", "the photo finish"], []),
    ("Quilt for Grandma", "Hana Okabe", "Sew patches together and keep the pattern. Calm, colourful and over before bedtime.",
     dict(kids=0.6, depth=-0.1, conflict=-0.9, length=-0.5, looks=0.8, solo=0.4, talk=-0.4, luck=0.1),
     ["the cloth patches", "the border pattern", "the button rewards", "the sewing order"], ["colours"]),
    ("Last Radio on Europa", "Sana Mirza", "Alone under the ice with a radio that answers. A solo story in nine tapes.",
     dict(solo=1.0, theme=1.0, coop=0.3, depth=0.3, talk=-0.8, length=0.3, kids=-0.9, looks=0.2, luck=0.1),
     ["the nine tapes", "the radio static", "the oxygen ledger", "the voice under the ice"], []),
    ("Hermit's Almanac", "Hana Okabe", "One hermit, four seasons, a hundred small decisions. Written for one player and proud of it.",
     dict(solo=1.0, depth=0.5, theme=0.5, talk=-1.0, conflict=-0.9, length=0.1, looks=0.5, kids=-0.3),
     ["the weather diary", "the four seasons", "the herb cabinet", "the visiting fox"], []),
    ("Wardens of the Fen", "Sana Mirza", "A cooperative campaign: keep the lights of a marsh village burning for twelve nights.",
     dict(coop=1.0, theme=0.8, solo=0.7, depth=0.4, conflict=-0.5, length=0.6, kids=-0.3, looks=0.4, luck=0.2),
     ["the twelve nights", "the marsh lights", "the drowned bell", "the campaign log"], ["setup"]),
    ("Signal Fire", "Jonas Okafor", "Cooperative mountain rescue by flares and rope; silence is a rule, not a mood.",
     dict(coop=1.0, depth=0.4, talk=-0.6, solo=0.5, theme=0.4, luck=-0.1, length=-0.1, kids=-0.1),
     ["the rope team", "the flare signals", "the avalanche deck", "the silence rule"], []),
    ("The Quiet Colony", "Sana Mirza", "Found a colony on a moon that dislikes you. Solo or together, thirty linked scenarios.",
     dict(coop=0.7, solo=0.9, depth=0.7, theme=0.6, length=0.7, talk=-0.4, kids=-0.8, luck=0.1),
     ["the linked scenarios", "the dust storms", "the hydroponic bay", "the colony charter"], ["setup", "rulebook"]),
    ("Under the Ninth Wave", "Marek Dvořák", "Cooperative submarine drama against the clock, with leaks that spread by themselves.",
     dict(coop=0.9, talk=0.4, theme=0.5, depth=0.1, length=-0.2, luck=0.3, solo=0.3, kids=0.0),
     ["the spreading leaks", "the sand timer", "the torpedo room", "the sonar guesses"], []),
    ("Crosscut", "Marek Dvořák", "An abstract duel on a felled trunk: place a saw, split the wood, strand your rival.",
     dict(conflict=1.0, depth=0.6, luck=-1.0, theme=-0.9, length=-0.5, talk=-0.6, solo=-0.4, coop=-1.0, looks=0.3),
     ["the saw lines", "the stranded pieces", "the growth rings", "the opening splits"], []),
    ("Gambit Street", "Lena Petrova", "Two crooks, one street, thirty seconds a move. Bluff with hidden chess pieces.",
     dict(conflict=1.0, depth=0.3, luck=-0.4, length=-0.8, talk=0.2, theme=0.0, coop=-1.0, solo=-0.7, kids=-0.4),
     ["the hidden pieces", "the thirty-second clock", "the double bluff", "the back-alley swap"], []),
    ("Knives at Noon", "Lena Petrova", "A card duel of feints: choose at the same time, reveal, bleed.",
     dict(conflict=1.0, luck=-0.2, depth=0.1, length=-0.9, coop=-1.0, theme=0.1, solo=-0.8, kids=-0.5),
     ["the simultaneous reveal", "the feint cards", "the bleeding track", "the noon bell"], ["thin cards"]),
    ("Stone Against Stone", "Kofi Mensah", "Old-fashioned area control on a grid of slate. Rules fit on a postcard.",
     dict(conflict=0.8, depth=0.7, luck=-1.0, theme=-1.0, length=-0.1, talk=-0.7, coop=-1.0, looks=0.2, solo=-0.5),
     ["the slate grid", "the liberty count", "the corner fights", "the postcard rules"], []),
    ("Border Wolves", "Kofi Mensah", "Hunt or be hunted: an asymmetric chase between one wolf and one shepherd.",
     dict(conflict=0.9, depth=0.3, luck=-0.2, theme=0.3, length=-0.4, coop=-0.9, looks=0.4, kids=-0.1),
     ["the wolf tracks", "the asymmetric roles", "the closing fence", "the hidden den"], []),
    ("Tollgate", "Lena Petrova", "Block roads, tax caravans and break promises in forty sharp minutes.",
     dict(conflict=0.8, depth=0.4, luck=-0.3, talk=0.4, length=-0.2, coop=-0.8, theme=-0.1, solo=-0.8),
     ["the road blocks", "the caravan tax", "the broken promises", "the bribe envelopes"], []),
    ("Ballad of the Drowned City", "Yara Nascimento", "Sing, sail and remember a city that the sea took. A branching story for a whole evening.",
     dict(theme=1.0, looks=0.8, length=0.7, depth=0.1, luck=0.2, coop=0.4, talk=0.3, kids=-0.4),
     ["the branching verses", "the drowned streets", "the choir cards", "the last bridge"], []),
    ("Café Midnight", "Yara Nascimento", "Serve ghosts in a café that exists from twelve to three. Each guest brings a story.",
     dict(theme=0.9, looks=0.8, conflict=-0.6, depth=0.1, length=0.1, luck=0.2, kids=0.1, solo=0.3),
     ["the ghost guests", "the midnight menu", "the porcelain cups", "the unpaid bill"], []),
    ("Dragons of Paper", "Hana Okabe", "Fold dragons, name them and send them through a scroll of adventures.",
     dict(theme=0.7, looks=1.0, kids=0.5, depth=-0.3, luck=0.4, length=-0.1, conflict=-0.4),
     ["the folded dragons", "the adventure scroll", "the naming ceremony", "the ink storms"], []),
    ("The Cartographer's Ghost", "Marek Dvořák", "Map a haunted valley from rumours that contradict each other. Narrative deduction.",
     dict(theme=0.9, depth=0.5, looks=0.5, length=0.4, solo=0.5, coop=0.4, talk=0.1, kids=-0.4),
     ["the contradicting rumours", "the valley map", "the séance table", "the missing village"], ["rulebook"]),
    ("Empire of Ash", "Yara Nascimento", "Miniatures, volcanoes and betrayal: four dynasties and one evening that ends in fire.",
     dict(theme=0.9, looks=1.0, conflict=0.8, length=1.0, luck=0.6, depth=0.3, kids=-0.7, coop=-0.6),
     ["the volcano tower", "the dynasty miniatures", "the betrayal cards", "the final eruption"], ["box", "setup", "downtime"]),
    ("Seven Lanterns Road", "Sana Mirza", "Pilgrims share a road and tell what they saw. Little to win, much to look at.",
     dict(theme=0.8, looks=0.9, conflict=-0.9, depth=-0.4, length=0.0, talk=0.4, luck=0.2, kids=0.2),
     ["the shared road", "the pilgrim tales", "the lantern shrines", "the watercolour board"], []),
    ("Dice Bazaar", "Ben Achterberg", "Roll eighteen dice, shout a price and hope. A market of pure nerve.",
     dict(luck=1.0, talk=0.6, depth=-0.6, length=-0.4, conflict=0.1, kids=0.3, looks=0.2, solo=-0.7),
     ["the eighteen dice", "the shouted prices", "the nerve track", "the bazaar closing"], []),
    ("Orchard Union", "Jonas Okafor", "Vote, plant and share one orchard between farmers who do not trust one another.",
     dict(talk=0.6, depth=0.4, conflict=0.4, luck=-0.2, length=0.1, kids=-0.2, looks=0.2, solo=-0.6),
     ["the harvest vote", "the shared orchard", "the secret quotas", "the apple ledger"], ["colours"]),
    ("Tram to Nowhere", "Tomas Aldric", "Lay tracks through fog: an easy-going route builder that suits almost any table.",
     dict(depth=0.2, luck=0.1, conflict=-0.1, kids=0.3, length=-0.1, looks=0.4, talk=0.0, solo=0.1),
     ["the fog tiles", "the last station", "the track bonuses", "the conductor card"], []),
    ("Clockwork Menagerie", "Nils Sjöberg", "Build a zoo of clockwork animals from shared cogs; a family game with a planner's heart.",
     dict(depth=0.4, kids=0.4, looks=0.8, conflict=-0.3, length=0.0, luck=-0.1, solo=0.2, theme=0.2),
     ["the clockwork giraffe", "the shared cogs", "the zoo plan", "the winding keys"], []),
]

# Sentences about a detail of the game, said by those who liked the game and those who did not.
DETAIL_GOOD = ["I keep coming back for {d}.", "Nothing else on my shelf has {d}.", "We still talk about {d}.",
               "{D} alone would be worth the price.", "What makes it shine: {d}.", "{D} worked beautifully {o}.",
               "My favourite part must be {d}, with {e} close behind.", "Between {d} and {e} there was never a dull moment."]
DETAIL_BAD = ["I could have done without {d}.", "{D} wore thin after three plays.", "Not even {d} could save it.",
              "{D} sounded better on the box than at the table.", "I wanted to like {d}, and did not."]
DETAIL_MIXED = ["{D} made up for some of it.", "I liked {d}, less so {e}.", "Without {d} I would have sold it."]

OPENERS = {
    5: ["Wonderful.", "Best purchase this year.", "An instant favourite {o}.", "Played it five times {o} since it arrived.", "Ten out of ten."],
    4: ["Very good game.", "Happy with this one.", "Played it {o} and it went down well.", "A solid hit {o}.", ""],
    3: ["It is all right.", "Mixed feelings.", "Played it twice {o}, once would have done.", "Neither good nor bad.", ""],
    2: ["Disappointed.", "Not for me.", "We tried it {o} and gave up halfway.", "I expected more.", ""],
    1: ["A waste of money.", "Sold it after one evening.", "Terrible {o}.", "Avoid."],
}
CLOSERS = {
    5: ["Buy it.", "It will never leave the house.", "Already ordered a second copy as a present.", "", ""],
    4: ["Recommended.", "One star off for the price.", "Would play again.", "", "", ""],
    3: ["Try before you buy.", "Borrow it first.", "It may suit others better.", "", "", ""],
    2: ["Somebody else may love it.", "It goes to the charity shop.", "", "", ""],
    1: ["Never again.", "I want my evening back.", "", ""],
}
TITLES = {
    5: ["Love it", "A keeper", "Superb", "Exactly what we wanted", "Brilliant", "{T}? Yes please", "Five stars"],
    4: ["Very good", "Recommended", "Nearly perfect", "A good evening", "Worth it", "{T} delivers"],
    3: ["Okay", "Not sure", "Could be better", "For some people", "So-so"],
    2: ["Meh", "Not my thing", "Expected more of {T}", "Disappointing"],
    1: ["No", "Awful", "Avoid", "Sent it back", "What a bore"],
}
# A few people write in their own language; the rest add a mark of their own now and then.
FOREIGN = {
    5: ["Großartig, wir spielen es jeden Abend. {T} gehört in jedes Regal.", "Une merveille, on y a joué jusqu'à minuit.",
        "¡Qué maravilla! Lo jugamos cada domingo en familia.", "最高のゲームです。何度でも遊びたい。", "Чудова гра, граємо щовечора."],
    4: ["Sehr schönes Spiel, nur die Anleitung ist etwas lang.", "Très bon jeu, un peu cher.", "とても楽しい。もう少し安ければ満点。"],
    3: ["Ganz nett, mehr nicht.", "Ni fu ni fa, la verdad."],
    2: ["Leider zu kompliziert für uns.", "Déçue, je m'attendais à mieux."],
    1: ["Furchtbar langweilig.", "Nul, à éviter."],
}
MARKS = [" 🎲", " 👍", " — really.", " :-)", " (déjà vu, but nice)", " ★"]


class Dice:
    """Random draws that depend on random.random() alone, whose sequence Python keeps between versions."""

    def __init__(self, seed):
        self._source = random.Random(seed)

    def unit(self):
        return self._source.random()

    def below(self, n):
        return int(self.unit() * n)

    def pick(self, options):
        return options[self.below(len(options))]

    def noise(self, width):
        return (self.unit() + self.unit() + self.unit() - 1.5) * width

    def weighted(self, weights):
        at = self.unit() * sum(weights)
        for index, weight in enumerate(weights):
            at -= weight
            if at < 0:
                return index
        return len(weights) - 1


def make_games(dice):
    games = []
    for index, (title, designer, line, attributes, details, flaws) in enumerate(GAMES):
        games.append(dict(id="g%02d" % (index + 1), title=title, designer=designer, line=line, details=details, flaws=flaws,
                          attributes={name: attributes.get(name, 0.0) for name in ATTRIBUTES},
                          quality=dice.noise(0.5), fame=1.0 / (1.0 + 0.12 * dice.below(40))))
    return games


def make_users(dice):
    users = []
    names = sorted(GROUPS)
    for index in range(USERS):
        main = names[index % len(names)]
        second = dice.pick([name for name in names if name != main])
        lean = 0.45 * dice.unit()
        taste = {}
        for name in ATTRIBUTES:
            taste[name] = GROUPS[main].get(name, 0.0) + lean * GROUPS[second].get(name, 0.0) + dice.noise(0.25)
        users.append(dict(id="u%02d" % (index + 1), group=main, taste=taste, peeve=dice.pick(sorted(FLAWS)),
                          mood=dice.noise(0.4), foreign=index in (7, 22, 38, 51), mark=dice.pick(MARKS + [""] * 12),
                          wordy=1 + dice.below(3)))
    return users


def fit(user, game):
    """How well a game suits a person: about -1 to 1."""
    total = sum(user["taste"][name] * game["attributes"][name] for name in ATTRIBUTES)
    return total / 1.6


def rate(dice, user, game):
    value = 2.75 + 1.9 * fit(user, game) + game["quality"] + user["mood"] + dice.noise(0.6)
    if user["peeve"] in game["flaws"]:
        value -= 1.2
    return max(1, min(5, int(value + 0.5)))


def choose_games(dice, user, games, count):
    """People mostly buy what should suit them, and what is famous; sometimes they are wrong."""
    left = list(games)
    chosen = []
    while len(chosen) < count:
        weights = [game["fame"] * (0.25 + max(0.0, 1.0 + fit(user, game)) ** 3) for game in left]
        chosen.append(left.pop(dice.weighted(weights)))
    return chosen


def fill(template, game, occasion, dice):
    first = dice.pick(game["details"])
    other = dice.pick([detail for detail in game["details"] if detail != first])
    text = template.replace("{d}", first).replace("{e}", other).replace("{o}", occasion).replace("{T}", game["title"])
    return text.replace("{D}", first[0].upper() + first[1:])


def reasons(dice, user, game, rating):
    """The attributes that moved the rating most, in words: those that speak for it, or against it."""
    pull = [(user["taste"][name] * game["attributes"][name], name) for name in ATTRIBUTES]
    pull.sort(key=lambda pair: (-abs(pair[0]), pair[1]))
    liked = [name for value, name in pull if value > 0.15]
    disliked = [name for value, name in pull if value < -0.15]
    said = []
    if rating >= 4:
        said = [(name, 0) for name in liked[: user["wordy"]]]
    elif rating == 3:
        said = [(name, 0) for name in liked[:1]] + [(name, 1) for name in disliked[:1]]
    else:
        said = [(name, 1) for name in disliked[: user["wordy"]]]
    sentences = []
    for name, side in said:
        key = (name, 1 if game["attributes"][name] > 0 else -1)
        if key in REASONS:
            sentences.append(dice.pick(REASONS[key][side]))
    if user["peeve"] in game["flaws"]:
        sentences.append(dice.pick(FLAWS[user["peeve"]]))
    return sentences


def write_text(dice, user, game, rating):
    occasion = dice.pick(OCCASIONS[user["group"]])
    if user["foreign"] and dice.unit() < 0.6:
        return fill(dice.pick(FOREIGN[rating]), game, occasion, dice)
    parts = [dice.pick(OPENERS[rating])]
    middle = reasons(dice, user, game, rating)
    detail = DETAIL_GOOD if rating >= 4 else DETAIL_MIXED if rating == 3 else DETAIL_BAD
    if dice.unit() < 0.8 or not middle:
        middle.insert(dice.below(len(middle) + 1), dice.pick(detail))
    parts += middle + [dice.pick(CLOSERS[rating])]
    text = " ".join(part for part in parts if part)
    return fill(text, game, occasion, dice) + (user["mark"] if dice.unit() < 0.35 else "")


def spread_counts(dice):
    """Reviews per user: most write seven to thirteen, some hardly any; the sum is REVIEWS."""
    counts = [1 + dice.below(2) if index % 15 == 9 else 7 + dice.below(7) for index in range(USERS)]
    while sum(counts) != REVIEWS:
        index = dice.below(USERS)
        if index % 15 != 9:
            counts[index] = max(5, min(16, counts[index] + (1 if sum(counts) < REVIEWS else -1)))
    return counts


def make_reviews(dice, users, games):
    rows = []
    for user, count in zip(users, spread_counts(dice)):
        day = dice.below(200)
        for game in choose_games(dice, user, games, count):
            rating = rate(dice, user, game)
            # Half of the shop's reviews carry the day alone, and people review several games on one day.
            seconds = 0 if dice.unit() < 0.5 else dice.below(DAY)
            title = fill(dice.pick(TITLES[rating]), game, "", dice) if dice.unit() < 0.9 else ""
            rows.append(dict(game_id=game["id"], user_id=user["id"], stars=rating, created=START + day * DAY + seconds,
                             headline=title, body=write_text(dice, user, game, rating)))
            if dice.unit() < 0.65:
                day += 1 + dice.below(90)
    for _ in range(EMPTY_TEXTS):
        dice.pick(rows)["body"] = ""
    # As they came in; equal times in no particular order.
    rows = [row for _, _, row in sorted((row["created"], dice.unit(), row) for row in rows)]
    return [dict(review_id="r%04d" % (index + 1), **row) for index, row in enumerate(rows)]


def words_for(game):
    """The shop's keywords: attributes that stand out."""
    names = dict(depth=("heavy strategy", "easy to learn"), luck=("luck of the draw", "no luck"),
                 conflict=("confrontation", "peaceful"), coop=("cooperative", "competitive"), talk=("party", "quiet"),
                 theme=("story", "abstract"), solo=("solo play", "needs a group"), kids=("children", "adults"),
                 length=("long", "short"), looks=("beautiful components", "plain components"))
    found = [(-abs(value), names[name][0 if value > 0 else 1]) for name, value in game["attributes"].items()
             if abs(value) >= 0.6]
    return [word for _, word in sorted(found)]


def make_meta(games):
    """What the shop says. The last game came without any entry, the one before with a title alone."""
    rows = []
    for game in games[:-1]:
        long = game["attributes"]["length"]
        minutes = 20 if long <= -0.5 else 45 if long <= 0.1 else 90 if long <= 0.6 else 180
        rows.append(dict(game_id=game["id"], name=game["title"], designer=game["designer"],
                         about=[game["line"], "Features " + ", ".join(game["details"][:3]) + "."],
                         facts=dict(playing_time=str(minutes) + " minutes", solo_mode=game["attributes"]["solo"] > 0.25),
                         keywords=words_for(game)))
    rows[-1] = dict(game_id=games[-2]["id"], name=games[-2]["title"])
    return rows


def by_time(rows):
    """A person's reviews in the order of the program's split (seed 0): time, then a hash of the row."""
    def key(row):
        stamp = str(row["created"])
        text = "|".join(("0", row["user_id"], row["game_id"], stamp, row["review_id"]))
        return row["created"], hashlib.sha256(text.encode()).hexdigest()
    return sorted(rows, key=key)


def make_candidates(users, games, reviews):
    """What a shop's own recommender may have sent: games that go together with those the person knew before the last
    review of three stars or more, and the popular ones after them. Full lists of LIST_LENGTH, padded like the published
    files."""
    rows_of = {user["id"]: by_time([row for row in reviews if row["user_id"] == user["id"]]) for user in users}
    known_of = {}
    for name, rows in rows_of.items():
        liked = [at for at, row in enumerate(rows) if row["stars"] >= 3]
        known_of[name] = [row["game_id"] for row in (rows[: liked[-1]] if liked else rows)]
    lists = []
    for user in users:
        known = known_of[user["id"]]
        scores = {game["id"]: 0.0 for game in games}
        for other, theirs in known_of.items():
            if other == user["id"]:
                continue
            shared = len(set(known) & set(theirs))
            for item in theirs:
                scores[item] += 0.05 + shared / (1.0 + len(theirs))
        ranked = sorted((item for item in scores if item not in known), key=lambda item: (-round(scores[item], 6), item))
        results = [dict(item_id=item, score=round(scores[item], 4)) for item in ranked[:LIST_LENGTH]]
        results += [dict(item_id="[PAD]", score=0.0)] * (LIST_LENGTH - len(results))
        if len(lists) % 20 == 3:
            results[-1] = dict(item_id="[PAD]", score=0.0)
        lists.append(dict(user_id=user["id"], topk=LIST_LENGTH, filter_scope="unseen", results=results))
    return lists


def write_lines(path, rows):
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "data", "tiny")
    os.makedirs(folder, exist_ok=True)
    dice = Dice(SEED)
    games = make_games(dice)
    users = make_users(dice)
    reviews = make_reviews(dice, users, games)
    write_lines(os.path.join(folder, "reviews.jsonl"), reviews)
    write_lines(os.path.join(folder, "meta.jsonl"), make_meta(games))
    write_lines(os.path.join(folder, "candidate.jsonl"), make_candidates(users, games, reviews))


if __name__ == "__main__":
    main()

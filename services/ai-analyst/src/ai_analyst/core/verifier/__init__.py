"""The deterministic check: every number, symbol, direction and time of an answer against facts.

How a sentence is judged, in this order (`check` runs it):

1. Read. `sentences` cuts the answer. `claims` sets the `citations` aside and takes a sentence
   apart, the most certain things first and each place once (`paper`): contracts (`names`), `times`,
   timeframes (`frames`), the names of facts (`lexicon`), numbers with unit and sign (`numbers`,
   `reading`).
2. Bind. `scope` ties each number to the contract, the timeframe and the name it stands next to
   (`ties`; in lists `lists`, in tables `columns`); what a sentence leaves out comes from the one
   before it, or from the question (`Focus`).
3. Prove. `figures` tries each number, again and again until no more are proved (`ledger`):
   a. `citing`: as the fact it cites, which it has to be or to come from.
   b. `matching`: as a fact of that name. `meaning` tells which facts it can mean, `senses` which of
      several, `limits` when a gate's limit, `tolerance` whether value, sign and bound fit,
      `contrary` whether the words around forbid it.
   c. `arithmetic`: as what named facts come to (`levels`, `comparisons`, `derivations`), lying the
      way it is said (`sides`); `durations`: as an age or the way to a moment.
   d. `reckoning`: as what follows from numbers already proved (`distances` from levels, `shares`),
      or from a choice of the reader's, an account or a leverage, that another number needs
      (`sizes`); `equations`: as a written sum.
   e. `unnamed`: under no known name, only where an invented number would hardly have met a fact
      (`coincidence`).
   f. `counts`: as how many a sentence lists, or how many contracts are as it says.
   A number that stays unproved is refused.
4. Hear the words. Each of `relations`, `values`, `places`, `ranking`, `courses`, `directions`,
   `payments`, `dissent`, `verdicts`, `decisions`, `states` and `signs` knows forms of words that
   say something without a number, finds whom it is said of (`subjects`), and complains where a
   fact says otherwise. What is supposed, denied or asked states nothing (`cues`).
5. Judge. A sentence with any complaint is struck, with its reasons.
"""

from ai_analyst.core.verifier.check import Checked, Struck, check
from ai_analyst.core.verifier.citations import without_citations

__all__ = ["Checked", "Struck", "check", "without_citations"]

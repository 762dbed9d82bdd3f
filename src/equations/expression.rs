//! Expressions as people write them: `(e_l - v) / tau + exp(v / 2 mV)`.
//!
//! From what binds least: `or`, `and`, `not`, comparisons, `+ -`, `* /` (and a unit right after a number), signs, `^`.

use std::ops::Range;

/// What is wrong with an expression: where in it, what, and what would be right.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong {
    /// The bytes of the text.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub remedy: String,
}

impl Wrong {
    /// Something wrong with a part of an expression.
    pub fn new(span: Range<usize>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Wrong { span, message: message.into(), remedy: remedy.into() }
    }
}

/// An operator between two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `^` or `**`
    Pow,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `and`
    And,
    /// `or`
    Or,
}

/// An expression and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// What it is.
    pub node: Node,
    /// The bytes of the text.
    pub span: Range<usize>,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A number without a unit.
    Number(f64),
    /// A name, or a unit.
    Name(String),
    /// `-x`
    Minus(Box<Expression>),
    /// `not x`
    Not(Box<Expression>),
    /// Two expressions and what is between them.
    Two(Between, Box<Expression>, Box<Expression>),
    /// `f(x, y)`
    Call(String, Vec<Expression>),
}

/// Longer expressions are no equations.
const LONGEST: usize = 2000;

/// Deeper ones neither: each level takes a part of the stack.
const DEEPEST: usize = 60;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Name(String),
    Sign(&'static str),
}

/// Signs, the longer before those that they begin with.
const SIGNS: [&str; 14] =
    ["**", "<=", ">=", "==", "+", "-", "*", "/", "^", "<", ">", "(", ")", ","];

fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, Wrong> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let (token, length) = if c.is_ascii_digit() || c == '.' {
            let length = number_length(rest);
            let number: f64 = rest[..length].parse().unwrap_or(f64::NAN);
            if !number.is_finite() {
                let message = format!("`{}` is no number", &rest[..length]);
                return Err(Wrong::new(at..at + length, message, "write for example 0.5 or 1e-3"));
            }
            (Token::Number(number), length)
        } else if c.is_alphabetic() || c == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            (Token::Name(rest[..end].to_owned()), end)
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            (Token::Sign(sign), sign.len())
        } else {
            let message = format!("`{c}` has no meaning here");
            return Err(Wrong::new(at..at + c.len_utf8(), message, "leave it out"));
        };
        found.push((token, at..at + length));
        at += length;
    }
    Ok(found)
}

/// How long the number is that a text begins with.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| {
        text[from..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |end| from + end)
    };
    let mut end = digits(0);
    if text[end..].starts_with('.') {
        end = digits(end + 1);
    }
    // An exponent has digits: `2 e_l` has none.
    let exponent = text[end..].strip_prefix(['e', 'E']).map(|rest| {
        let signed = rest.strip_prefix(['+', '-']).unwrap_or(rest);
        (signed.starts_with(|c: char| c.is_ascii_digit()), text.len() - signed.len())
    });
    match exponent {
        Some((true, from)) => digits(from),
        _ => end,
    }
}

/// Reads an expression.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse(text: &str) -> Result<Expression, Wrong> {
    if text.len() > LONGEST {
        let message = format!("an expression of {} characters is too long", text.len());
        return Err(Wrong::new(0..40, message, "give parts of it names in [definitions]"));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens, at: 0, end: text.len(), depth: 0 };
    let expression = parser.any()?;
    match parser.tokens.get(parser.at) {
        None => Ok(expression),
        Some((token, span)) => {
            let message = match token {
                Token::Sign("==") => "numbers that are computed are hardly ever equal".to_owned(),
                _ => "something is missing before this".to_owned(),
            };
            Err(Wrong::new(span.clone(), message, "write an operator, such as * or >="))
        }
    }
}

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    end: usize,
    depth: usize,
}

impl Parser {
    fn sign(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        let Some((Token::Sign(sign), _)) = self.tokens.get(self.at) else { return None };
        signs.contains(sign).then(|| {
            self.at += 1;
            *sign
        })
    }

    fn word(&mut self, word: &str) -> bool {
        let is = matches!(self.tokens.get(self.at), Some((Token::Name(name), _)) if name == word);
        self.at += usize::from(is);
        is
    }

    fn any(&mut self) -> Result<Expression, Wrong> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let span = self.tokens.get(self.at).map_or(0..0, |(_, span)| span.clone());
            let remedy = "give parts of it names in [definitions]";
            return Err(Wrong::new(span, "the expression is nested too deeply", remedy));
        }
        let mut left = self.all()?;
        while self.word("or") {
            let right = self.all()?;
            left = two(Between::Or, left, right);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn all(&mut self) -> Result<Expression, Wrong> {
        let mut left = self.negated()?;
        while self.word("and") {
            let right = self.negated()?;
            left = two(Between::And, left, right);
        }
        Ok(left)
    }

    fn negated(&mut self) -> Result<Expression, Wrong> {
        let start = self.tokens.get(self.at).map_or(self.end, |(_, span)| span.start);
        if !self.word("not") {
            return self.comparison();
        }
        let inner = self.comparison()?;
        let span = start..inner.span.end;
        Ok(Expression { node: Node::Not(Box::new(inner)), span })
    }

    fn comparison(&mut self) -> Result<Expression, Wrong> {
        let left = self.sum()?;
        let between = match self.sign(&["<", "<=", ">", ">="]) {
            None => return Ok(left),
            Some("<") => Between::Below,
            Some("<=") => Between::AtMost,
            Some(">") => Between::Above,
            Some(_) => Between::AtLeast,
        };
        let right = self.sum()?;
        Ok(two(between, left, right))
    }

    fn sum(&mut self) -> Result<Expression, Wrong> {
        let mut left = self.product()?;
        while let Some(sign) = self.sign(&["+", "-"]) {
            let right = self.product()?;
            left = two(if sign == "+" { Between::Add } else { Between::Sub }, left, right);
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expression, Wrong> {
        let mut left = self.signed()?;
        while let Some(sign) = self.sign(&["*", "/"]) {
            let right = self.signed()?;
            left = two(if sign == "*" { Between::Mul } else { Between::Div }, left, right);
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Expression, Wrong> {
        let mut minus = Vec::new();
        loop {
            let start = self.tokens.get(self.at).map_or(self.end, |(_, span)| span.start);
            match self.sign(&["+", "-"]) {
                Some("-") => minus.push(start),
                Some(_) => {}
                None => break,
            }
        }
        let inner = self.power()?;
        // Two signs are none.
        match minus.first() {
            Some(start) if minus.len() % 2 == 1 => {
                let span = *start..inner.span.end;
                Ok(Expression { node: Node::Minus(Box::new(inner)), span })
            }
            _ => Ok(inner),
        }
    }

    fn power(&mut self) -> Result<Expression, Wrong> {
        let base = self.single()?;
        if self.sign(&["^", "**"]).is_none() {
            return Ok(base);
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Wrong::new(base.span, "too many powers of powers", "write it simpler"));
        }
        let exponent = self.signed()?;
        self.depth -= 1;
        Ok(two(Between::Pow, base, exponent))
    }

    fn single(&mut self) -> Result<Expression, Wrong> {
        let Some((token, span)) = self.tokens.get(self.at).cloned() else {
            let at = self.end.saturating_sub(1)..self.end;
            return Err(Wrong::new(at, "the expression ends too early", "write what is missing"));
        };
        self.at += 1;
        match token {
            Token::Number(number) => {
                let number = Expression { node: Node::Number(number), span };
                // A unit binds to its number: 1 / 2 ms is 1 / (2 ms).
                if let Some((Token::Name(name), span)) = self.tokens.get(self.at)
                    && !["and", "or", "not"].contains(&name.as_str())
                {
                    let unit = Expression { node: Node::Name(name.clone()), span: span.clone() };
                    self.at += 1;
                    return Ok(two(Between::Mul, number, unit));
                }
                Ok(number)
            }
            Token::Name(name) => {
                if self.sign(&["("]).is_none() {
                    return Ok(Expression { node: Node::Name(name), span });
                }
                let mut given = Vec::new();
                if self.sign(&[")"]).is_none() {
                    loop {
                        given.push(self.any()?);
                        match self.sign(&[",", ")"]) {
                            Some(",") => {}
                            Some(_) => break,
                            None => return Err(self.unclosed(span)),
                        }
                    }
                }
                let end = self.tokens[self.at - 1].1.end;
                Ok(Expression { node: Node::Call(name, given), span: span.start..end })
            }
            Token::Sign("(") => {
                let inner = self.any()?;
                if self.sign(&[")"]).is_none() {
                    return Err(self.unclosed(span));
                }
                Ok(inner)
            }
            Token::Sign(_) => Err(Wrong::new(span, "something is missing before this", "write it")),
        }
    }

    fn unclosed(&self, opened: Range<usize>) -> Wrong {
        Wrong::new(opened, "what is opened here is not closed", "write the missing `)`")
    }
}

fn two(between: Between, left: Expression, right: Expression) -> Expression {
    let span = left.span.start..right.span.end;
    Expression { node: Node::Two(between, Box::new(left), Box::new(right)), span }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An expression with all parentheses.
    fn shown(text: &str) -> String {
        fn show(expression: &Expression) -> String {
            match &expression.node {
                Node::Number(x) => x.to_string(),
                Node::Name(name) => name.clone(),
                Node::Minus(x) => format!("(-{})", show(x)),
                Node::Not(x) => format!("(not {})", show(x)),
                Node::Two(between, a, b) => format!("({} {between:?} {})", show(a), show(b)),
                Node::Call(name, given) => {
                    format!("{name}({})", given.iter().map(show).collect::<Vec<_>>().join(", "))
                }
            }
        }
        parse(text)
            .map_or_else(|wrong| format!("{:?}: {}", wrong.span, wrong.message), |e| show(&e))
    }

    #[test]
    fn what_binds_more_is_done_first() {
        assert_eq!(shown("a + b * c - d"), "((a Add (b Mul c)) Sub d)");
        assert_eq!(shown("1 / 2 ms"), "(1 Div (2 Mul ms))");
        assert_eq!(shown("-v^2"), "(-(v Pow 2))");
        assert_eq!(shown("a^-b^c"), "(a Pow (-(b Pow c)))");
        assert_eq!(shown("2 e_l"), "(2 Mul e_l)");
        assert_eq!(shown("1e-3*v"), "(0.001 Mul v)");
        assert_eq!(shown("a - -b"), "(a Sub (-b))");
        assert_eq!(
            shown("v >= 3 mV and not u < 1 or w"),
            "(((v AtLeast (3 Mul mV)) And (not (u Below 1))) Or w)"
        );
        assert_eq!(shown("if(a < b, f(x, 2), y)"), "if((a Below b), f(x, 2), y)");
    }

    #[test]
    fn what_is_wrong_is_shown() {
        assert_eq!(shown("a +"), "2..3: the expression ends too early");
        assert_eq!(shown("(a + b"), "0..1: what is opened here is not closed");
        assert_eq!(shown("a b"), "2..3: something is missing before this");
        assert_eq!(shown("a $ b"), "2..3: `$` has no meaning here");
        assert_eq!(shown("a == b"), "2..4: numbers that are computed are hardly ever equal");
        assert!(shown(&"(".repeat(500)).contains("nested too deeply"));
        assert!(shown(&"-".repeat(1999)).contains("ends too early"));
        assert!(shown(&"2^".repeat(900)).contains("too many powers"));
        assert!(shown(&"a+".repeat(3000)).contains("too long"));
    }
}

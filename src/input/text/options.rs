//! How a table of text is written.

/// How a table is written, where that is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Options {
    /// Between columns; none where it is to be found out.
    pub delimiter: Option<Delimiter>,
    /// Between whole and broken part of a number: `.` or `,`.
    pub decimal: Option<char>,
    /// Lines above the numbers, the last of which names the columns; comments and blank lines do not count.
    pub header: Option<usize>,
    /// What is before the names of these in remedies: `--`, or `stimulus.`.
    pub prefix: &'static str,
}

impl Options {
    /// Nothing is told; it is with names after this prefix that it can be.
    pub fn unknown(prefix: &'static str) -> Self {
        Options { delimiter: None, decimal: None, header: None, prefix }
    }

    /// Reads what is told of a table.
    ///
    /// # Errors
    /// Which of the three is wrong, why, and what would be right.
    pub fn read(
        prefix: &'static str,
        delimiter: Option<&str>,
        decimal: Option<&str>,
        header: Option<&str>,
    ) -> Result<Self, (&'static str, String, &'static str)> {
        let delimiter = delimiter.map(Delimiter::read).transpose().map_err(|why| {
            ("delimiter", why, "give comma, semicolon, tab, blanks, or a character")
        })?;
        let decimal = match decimal {
            None => None,
            Some("." | "point") => Some('.'),
            Some("," | "comma") => Some(','),
            Some(other) => {
                let why = format!("`{other}` is no decimal separator");
                return Err(("decimal", why, "give point or comma"));
            }
        };
        let header = match header {
            None => None,
            Some("none") => Some(0),
            Some(text) => match text.parse() {
                Ok(lines) => Some(lines),
                Err(_) => {
                    let why = format!("`{text}` is no number of lines");
                    return Err((
                        "header",
                        why,
                        "give none, or the number of lines above the numbers",
                    ));
                }
            },
        };
        Ok(Options { delimiter, decimal, header, prefix })
    }
}

/// What is between columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delimiter {
    /// One character, such as a comma.
    Character(char),
    /// Any blanks.
    Blanks,
}

impl Delimiter {
    /// Reads a delimiter: a character, or `comma`, `semicolon`, `tab`, `blanks`.
    ///
    /// # Errors
    /// If it is neither.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut characters = text.chars();
        Ok(match (text, characters.next(), characters.next()) {
            ("comma", ..) => Delimiter::Character(','),
            ("semicolon", ..) => Delimiter::Character(';'),
            ("tab" | "\\t", ..) => Delimiter::Character('\t'),
            ("blanks" | " ", ..) => Delimiter::Blanks,
            (_, Some(one), None) if !one.is_alphanumeric() && !"+-.\"#%".contains(one) => {
                Delimiter::Character(one)
            }
            _ => return Err(format!("`{text}` is no delimiter")),
        })
    }

    /// The fields of a line, in quotes or not.
    pub(super) fn fields(self, line: &str) -> Vec<String> {
        let Delimiter::Character(delimiter) = self else {
            return line.split_whitespace().map(|field| field.trim_matches('"').into()).collect();
        };
        let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
        for character in line.chars() {
            match character {
                '"' => quoted = !quoted,
                character if character == delimiter && !quoted => {
                    fields.push(std::mem::take(&mut field).trim().to_owned());
                }
                character => field.push(character),
            }
        }
        fields.push(field.trim().to_owned());
        // A separator at a line's end is no further column.
        if fields.len() > 1 && fields.last().is_some_and(String::is_empty) {
            fields.pop();
        }
        fields
    }
}

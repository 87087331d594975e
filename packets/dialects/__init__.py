"""The receivers' words: each module turns our records into one standard's packets. No field name is known outside."""
